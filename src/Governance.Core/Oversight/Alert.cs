using Governance.Core.Commands;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Oversight;

/// <summary>What an alert is about.</summary>
public enum AlertKind
{
    /// <summary>A serving version relied on a waiver that no longer counts.</summary>
    WaiverLapsed,

    /// <summary>An emergency waiver waits for its review.</summary>
    ReviewDue,

    /// <summary>A waiver of a serving version ends within <see cref="Alerts.Horizon"/>.</summary>
    WaiverEnding,

    /// <summary>A finding is open past its due date.</summary>
    FindingOverdue,

    /// <summary>A critical finding holds for a version that serves.</summary>
    CriticalFinding,

    /// <summary>A figure of live traffic is beyond its limit.</summary>
    LiveMonitor,
}

/// <summary>Something somebody has to look at. Immutable.</summary>
/// <param name="About">The finding or waiver; the route of an alert about live traffic.</param>
/// <param name="Due">When it was or will be due; null when it is about no date.</param>
/// <param name="Message">One sentence for people.</param>
public sealed record Alert(AlertKind Kind, string ModelId, int Version, string About, DateTimeOffset? Due, string Message);

/// <summary>What stands out at an instant: a pure function of the state and the time, most urgent first.</summary>
public static class Alerts
{
    /// <summary>How long before its end a waiver is pointed out.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromDays(14);

    public static IReadOnlyList<Alert> At(GovernanceState state, DateTimeOffset now) =>
        [.. state.Models.Values.SelectMany(m => Of(state, m, now)).Concat(state.LiveAlerts.Values.Select(Live)).OrderBy(a => a.Kind).ThenBy(a => a.Due).ThenBy(a => a.About, StringComparer.Ordinal)];

    /// <summary>Commands that record what time has brought and nobody recorded yet; the gateway executes them.</summary>
    public static IReadOnlyList<Decisions.Command> Due(GovernanceState state, DateTimeOffset now) =>
    [
        .. state.Models.Values.SelectMany(m => m.Waivers.Values).Where(w => w is { Approved: true, Lapse: not WaiverStatus.Expired } && Lapses.IsNew(w, state.StatusOf(w, now))).Select(w => new RecordLapse(w.Id)),
        .. state.Models.Values.SelectMany(m => m.Findings.Values).Where(f => !f.OverdueRecorded && f.OverdueAt(now)).Select(f => new RecordOverdue(f.Id)),
    ];

    private static Alert Live(LiveAlertState open) =>
        new(AlertKind.LiveMonitor, open.Raised.ModelId, open.Raised.Version, open.Raised.ModelId, Due: null, open.Raised.Message);

    private static IEnumerable<Alert> Of(GovernanceState state, ModelState model, DateTimeOffset now) =>
        model.Waivers.Values.Where(w => w.Approved).SelectMany(w => Waiver(state, w, now)).Concat(model.Findings.Values.Where(f => f.IsOpen).SelectMany(f => Finding(model, f, now)));

    private static IEnumerable<Alert> Waiver(GovernanceState state, WaiverState waiver, DateTimeOffset now)
    {
        var (request, status, carries) = (waiver.Request, state.StatusOf(waiver, now), Lapses.Carries(state, waiver, now));
        Alert About(AlertKind kind, DateTimeOffset? due, string message) => new(kind, request.ModelId, request.Version, waiver.Id, due, message);
        if (carries && status is not WaiverStatus.Active)
        {
            yield return About(AlertKind.WaiverLapsed, request.Expires,
                $"Version {request.Version} serves without the waiver of '{request.Rule}' it relied on: it is {status.ToString().ToLowerInvariant()}.");
        }

        if (status == WaiverStatus.Active && request.Emergency && waiver.Reviewed is null)
        {
            yield return About(AlertKind.ReviewDue, waiver.ReviewDue, $"The emergency waiver of '{request.Rule}' waits for the committee's review.");
        }

        if (carries && status == WaiverStatus.Active && request.Expires - now <= Horizon)
        {
            yield return About(AlertKind.WaiverEnding, request.Expires, $"The waiver of '{request.Rule}' ends soon; version {request.Version} serves on it.");
        }
    }

    private static IEnumerable<Alert> Finding(ModelState model, FindingState finding, DateTimeOffset now)
    {
        var raised = finding.Raised;
        if (finding.OverdueAt(now))
        {
            yield return new Alert(AlertKind.FindingOverdue, model.Id, raised.Version, finding.Id, finding.Due, $"Overdue: {raised.Title}");
        }

        if (raised.Severity == FindingSeverity.Critical && model.Versions.Values.FirstOrDefault(v => v.Serves && finding.AppliesTo(v.Number)) is { Number: var serving })
        {
            yield return new Alert(AlertKind.CriticalFinding, model.Id, serving, finding.Id, finding.Due, $"Critical, and version {serving} serves: {raised.Title}");
        }
    }
}

using System.Globalization;
using Governance.Core.Events;

namespace Governance.Gateway.Notifications;

/// <summary>Which entries of the governance log are told to others, and in which words: a pure function.</summary>
public static class Notices
{
    public const string RunFinished = "governance.run.finished";
    public const string RunFailed = "governance.run.failed";
    public const string AlertRaised = "governance.alert.raised";
    public const string AlertCleared = "governance.alert.cleared";
    public const string Promoted = "governance.version.promoted";
    public const string Suspended = "governance.version.suspended";
    public const string CanaryStarted = "governance.canary.started";
    public const string CanaryStopped = "governance.canary.stopped";
    public const string RouteStopped = "governance.route.stopped";
    public const string RouteStarted = "governance.route.started";
    public const string FindingRaised = "governance.finding.raised";
    public const string FindingOverdue = "governance.finding.overdue";
    public const string WaiverRequested = "governance.waiver.requested";
    public const string WaiverLapsed = "governance.waiver.lapsed";

    /// <summary>Every type there is.</summary>
    public static IReadOnlyList<string> Types { get; } =
    [
        RunFinished, RunFailed, AlertRaised, AlertCleared, Promoted, Suspended, CanaryStarted, CanaryStopped, RouteStopped, RouteStarted, FindingRaised, FindingOverdue, WaiverRequested,
        WaiverLapsed,
    ];

    /// <summary>Whether a target that asks for <paramref name="wanted"/> is told of <paramref name="type"/>.</summary>
    public static bool Matches(string wanted, string type) =>
        wanted.EndsWith('*') ? type.StartsWith(wanted.AsSpan(0, wanted.Length - 1), StringComparison.Ordinal) : wanted == type;

    /// <summary>The notice of an entry; null for one that is nobody's news.</summary>
    /// <param name="origin">Name of the installation's log: its source.</param>
    public static CloudEvent<Notice>? Of(RecordedEvent recorded, string origin)
    {
        var at = recorded.Position;
        (string Type, Notice Notice)? told = recorded.Event switch
        {
            CheckRunFinished e when e.Failed.Count > 0 => (RunFailed, new(e.ModelId, e.Version, at, e.RunId, $"{e.Failed.Count} checks failed.")),
            CheckRunFinished e => (RunFinished, new(e.ModelId, e.Version, at, e.RunId, $"{e.Recorded} checks left evidence.")),
            LiveAlertRaised e => (AlertRaised, new(e.ModelId, e.Version, at, Reference(e.Monitor, e.About), e.Message, e.Value, e.Limit)),
            LiveAlertCleared e => (AlertCleared, new(e.ModelId, e.Version, at, Reference(e.Monitor, e.About))),
            VersionPromoted e => (Promoted, new(e.ModelId, e.Version, at)),
            // The reason may be what a person typed: it stays in the log.
            VersionSuspended e => (Suspended, new(e.ModelId, e.Version, at)),
            Core.Events.CanaryStarted e => (CanaryStarted, new(e.ModelId, e.Version, at)),
            Core.Events.CanaryStopped e => (CanaryStopped, new(e.ModelId, e.Version, at)),
            Core.Events.RouteStopped e => (RouteStopped, new(e.ModelId, null, at)),
            Core.Events.RouteStarted e => (RouteStarted, new(e.ModelId, null, at)),
            Core.Events.FindingRaised e => (FindingRaised, new(e.ModelId, e.Version, at, e.FindingId)),
            Core.Events.FindingOverdue e => (FindingOverdue, new(e.ModelId, null, at, e.FindingId)),
            Core.Events.WaiverRequested e => (WaiverRequested, new(e.ModelId, e.Version, at, e.WaiverId, $"A waiver of {e.Rule} waits for approval.")),
            Core.Events.WaiverLapsed e => (WaiverLapsed, new(e.ModelId, e.Version, at, e.WaiverId, $"It stopped counting: {e.Cause.ToString().ToLowerInvariant()}.")),
            _ => null,
        };
        return told is { } t
            ? new CloudEvent<Notice>(string.Create(CultureInfo.InvariantCulture, $"{origin}/{at}"), "//" + origin, t.Type, recorded.Stream, recorded.Time, t.Notice)
            : null;
    }

    private static string Reference(string monitor, string about) => about.Length == 0 ? monitor : $"{monitor}/{about}";
}

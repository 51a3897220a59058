using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Oversight;

/// <summary>A date somebody has to act by. Immutable.</summary>
/// <param name="Kind">One of the constants.</param>
/// <param name="About">The finding, the waiver or the check.</param>
public sealed record Deadline(string ModelId, int Version, string Kind, string About, DateTimeOffset Due)
{
    public const string FindingDue = "finding-due";
    public const string WaiverEnds = "waiver-ends";
    public const string EvidenceExpires = "evidence-expires";
    public const string EvidenceExpired = "evidence-expired";

    /// <summary>How long before its date something is pointed out.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromDays(14);

    /// <summary>Dates within <see cref="Horizon"/>, and evidence of serving versions that has expired, of which nobody was reminded. Pure.</summary>
    /// <param name="rules">What the policy in force says about models of a tier.</param>
    public static IReadOnlyList<Deadline> Unreminded(GovernanceState state, DateTimeOffset now, Func<Tier, WorkflowRules> rules) =>
    [
        .. state.Models.Values.SelectMany(m => Findings(m, now).Concat(Waivers(state, m, now)).Concat(Evidence(m, now, rules)))
            .Where(d => !d.IsReminded(state)),
    ];

    /// <summary>Whether the log holds a reminder of this very date.</summary>
    public bool IsReminded(GovernanceState state) =>
        state.Version(ModelId, Version)?.Reminders.TryGetValue(KeyOf(Kind, About), out var due) == true && due == Due;

    internal static string KeyOf(string kind, string about) => $"{kind}:{about}";

    private static IEnumerable<Deadline> Findings(ModelState model, DateTimeOffset now) =>
        model.Findings.Values.Where(f => f.IsOpen && f.Due > now && f.Due - now <= Horizon)
            .Select(f => new Deadline(model.Id, f.Raised.Version, FindingDue, f.Id, f.Due));

    private static IEnumerable<Deadline> Waivers(GovernanceState state, ModelState model, DateTimeOffset now) =>
        model.Waivers.Values.Where(w => w.Approved && w.Request.Expires - now <= Horizon && state.StatusOf(w, now) == WaiverStatus.Active)
            .Select(w => new Deadline(model.Id, w.Request.Version, WaiverEnds, w.Id, w.Request.Expires));

    private static IEnumerable<Deadline> Evidence(ModelState model, DateTimeOffset now, Func<Tier, WorkflowRules> rules)
    {
        if (model.Champion is not { } champion)
        {
            return [];
        }

        var lasts = TimeSpan.FromDays(rules(model.Registration.Tier).EvidenceDays);
        return champion.Evidence.Values.Select(e => (e.Check, Due: e.Time + lasts)).Where(e => e.Due - now <= Horizon)
            .Select(e => new Deadline(model.Id, champion.Number, e.Due <= now ? EvidenceExpired : EvidenceExpires, e.Check, e.Due));
    }
}

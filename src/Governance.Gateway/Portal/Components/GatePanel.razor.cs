using Governance.Core.Gates;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Components;

/// <summary>A gate's decision at a glance: what blocks, grouped by what mends it, why, and what to do; the rest on demand.</summary>
public sealed partial class GatePanel
{
    [Parameter]
    [EditorRequired]
    public required GateDecision Decision { get; set; }

    /// <summary>The version's page.</summary>
    [Parameter]
    [EditorRequired]
    public required string Path { get; set; }

    /// <summary>The page the panel stands on; null for the version's.</summary>
    [Parameter]
    public string? Here { get; set; }

    /// <summary>Checks whose evidence the page shows.</summary>
    [Parameter]
    public IReadOnlyList<string> Evidence { get; set; } = [];

    /// <summary>The reader's role raises findings.</summary>
    [Parameter]
    public bool MayRaise { get; set; }

    /// <summary>The reader's role asks for waivers.</summary>
    [Parameter]
    public bool MayWaive { get; set; }

    private IEnumerable<Group> Blocking => new Group[]
    {
        new("to-mend", "To mend", "to mend", "Only a change of the model, the data or the registration helps, or a waiver where the rule allows one.",
            [.. Decision.Rules.Where(r => r is { Blocks: true, WaitingFor: null, Status: not RuleStatus.Gap })]),
        new("no-evidence", "Cannot be judged", "cannot be judged", "Evidence or facts are missing, too old or about something else. Until they are there the gate stays shut.",
            [.. Decision.Rules.Where(r => r is { Blocks: true, WaitingFor: null, Status: RuleStatus.Gap })]),
        new("waiting", "Waits for people", $"waiting for {string.Join(", ", Decision.Rules.Where(r => r is { Blocks: true, WaitingFor: not null }).Select(r => r.WaitingFor).Distinct())}",
            "Nothing is wrong here; somebody has to look and sign.",
            [.. Decision.Rules.Where(r => r is { Blocks: true, WaitingFor: not null })]),
    }.Where(g => g.Rules.Count > 0);

    private IEnumerable<(string Title, IReadOnlyList<RuleOutcome> Rules)> Others
    {
        get
        {
            var open = Decision.Rules.Where(r => !r.Blocks).ToList();
            var waived = open.Where(r => r.Status == RuleStatus.Waived).ToList();
            var passed = open.Where(r => r.Status == RuleStatus.Pass).ToList();
            var noted = open.Except(waived).Except(passed).ToList();
            return new (string, IReadOnlyList<RuleOutcome>)[]
            {
                ($"{waived.Count} waived", waived), ($"{noted.Count} with a remark, not blocking", noted), ($"{passed.Count} passed", passed),
            }.Where(g => g.Item2.Count > 0);
        }
    }

    private string Sentence => (Decision.Status, Decision.Rules.Count(r => r.Blocks)) switch
    {
        (GateStatus.Allowed, _) => $"All {Decision.Rules.Count} rules allow this version.",
        (GateStatus.Waiting, _) => $"Nothing is wrong. Waiting for: {string.Join(", ", Decision.WaitingFor)}.",
        (_, 1) => $"1 of {Decision.Rules.Count} rules blocks this version.",
        (_, var count) => $"{count} of {Decision.Rules.Count} rules block this version.",
    };

    private sealed record Group(string Id, string Title, string Short, string Hint, IReadOnlyList<RuleOutcome> Rules);
}

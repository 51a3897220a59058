using Governance.Core.Gates;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Components;

/// <summary>A gate's decision at a glance: what blocks, why, and what to do; the rest on demand.</summary>
public sealed partial class GatePanel
{
    [Parameter]
    [EditorRequired]
    public required GateDecision Decision { get; set; }

    private List<RuleOutcome> Blocking => [.. Decision.Rules.Where(r => r.Blocks)];

    private List<RuleOutcome> Others => [.. Decision.Rules.Where(r => !r.Blocks).OrderBy(r => r.Status == RuleStatus.Pass)];

    private string Sentence => Decision.Status switch
    {
        GateStatus.Allowed => $"All {Decision.Rules.Count} rules allow this version.",
        GateStatus.Waiting => $"Nothing is wrong. Waiting for: {string.Join(", ", Decision.WaitingFor)}.",
        _ => $"{Blocking.Count} of {Decision.Rules.Count} rules {(Blocking.Count == 1 ? "blocks" : "block")} this version.",
    };
}

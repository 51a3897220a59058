using Governance.Core.Gates;
using Spectre.Console;

namespace Governance.Cli.Rendering;

/// <summary>A gate's decision: every rule with its value, limit, ground and remedy; what blocks comes first.</summary>
internal static class GateView
{
    public static void Show(IAnsiConsole console, GateDecision decision)
    {
        Draw.Title(console, $"{decision.Gate}: {Draw.Word(decision.Status)}{(decision.WaitingFor.Count > 0 ? " for " + string.Join(", ", decision.WaitingFor) : "")}");
        Draw.Rows(console, ["rule", "status", "value", "limit", "message", "citation"], Ordered(decision).Select(r => (IReadOnlyList<string>)
            [r.Rule, Status(r), Draw.Number(r.Value), Draw.Number(r.Threshold), r.Message, r.Citation]));
        foreach (var rule in Blocking(decision).Where(r => r.Remediation is not null))
        {
            Draw.Line(console, $"{rule.Rule}: {rule.Remediation}");
        }

        Draw.Line(console, $"Policy {decision.Policy}, {decision.PolicyDigest.Abbreviated}; input {decision.InputDigest.Abbreviated}");
    }

    /// <summary>What stands in the way.</summary>
    public static IEnumerable<RuleOutcome> Blocking(GateDecision decision) =>
        decision.Rules.Where(r => r.Blocks);

    private static IEnumerable<RuleOutcome> Ordered(GateDecision decision) =>
        decision.Rules.OrderBy(r => r.Status is RuleStatus.Pass ? 1 : 0).ThenBy(r => r.Severity);

    private static string Status(RuleOutcome rule) =>
        rule.Status is RuleStatus.Pass or RuleStatus.Waived ? Draw.Word(rule.Status) : $"{Draw.Word(rule.Status)} ({Draw.Word(rule.Severity)})";
}

using Governance.Core.Gates;
using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>The gate's decision, rule by rule, with what it saw and what would mend it.</summary>
internal sealed class GateDecisionSection : IReportSection<ValidationReportInput>
{
    public string Id => "gate-decision";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("rules"), new("remediation"), new("waivers"), new("undecided")];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        if (input.Gate is not { Decision: var decision } gate)
        {
            yield return new Callout(Tone.Neutral, "Not yet decided", wording.Text("undecided"));
            yield break;
        }

        yield return new Paragraph(wording.Text("lead"));
        yield return new Facts(
        [
            new("Decision", ValidationReport.Outcome(input)),
            new("Gate", decision.Gate),
            new("Decided", $"{NumberText.Time(gate.At)}, ledger entry {NumberText.Whole(gate.LedgerIndex)}"),
            new("Waiting for", decision.WaitingFor.Count == 0 ? "nobody" : string.Join(", ", decision.WaitingFor)),
            new("Policy", [decision.Policy + "  ", new Hash(decision.PolicyDigest)]),
            new("Parameters", new Hash(decision.ParamsDigest)),
            new("Input", new Hash(decision.InputDigest)),
        ]);
        yield return new DataTable(wording.Text("rules"),
            [new("Rule", Width: 4), new("Outcome", Width: 2), new("Weight", Width: 1.6), new("Value", Align.End, 1.5), new("Limit", Align.End, 1.5), new("Citation", Width: 4.2)],
            [.. decision.Rules.Select(r => new TableRow(
                [[new Strong(r.Title), " ", new Code(r.Rule)], GateBadges.Of(r.Status), GateBadges.Of(r.Severity), Number(r.Value), Number(r.Threshold), r.Citation]))]);
        if (decision.Rules.Where(r => r.Status != RuleStatus.Pass).ToList() is { Count: > 0 } open)
        {
            yield return new Heading("gate-remediation", wording.Text("remediation"));
            foreach (var rule in open)
            {
                yield return new Subheading(rule.Title);
                yield return new Facts([.. RuleFacts(rule)]);
            }
        }

        if (input.Waivers.Count > 0)
        {
            yield return new Heading("gate-waivers", wording.Text("waivers"));
            yield return new ItemList([.. input.Waivers.Select(w => (Phrase)w)]);
        }
    }

    private static IEnumerable<Fact> RuleFacts(RuleOutcome rule)
    {
        yield return new("What the gate saw", rule.Message);
        foreach (var observed in rule.Observed)
        {
            yield return new("Read", [new Code(observed.Expression), " = ", new Code(observed.Value?.ToJsonString() ?? "no value")]);
        }

        yield return new("What would mend it", rule.Remediation ?? "not stated by the policy");
        yield return new("Waivable", rule.Waivable ? "yes" : "no");
    }

    private static Phrase Number(double? value) => value is { } v ? NumberText.Number(v) : NumberText.None;
}

using Governance.Core.Gates;
using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>One page: what was decided, what stands in the way, what each check found.</summary>
internal sealed class ExecutiveSummary : IReportSection<ValidationReportInput>
{
    public string Id => "executive-summary";

    public IReadOnlyList<WordingKey> Wording { get; } =
    [
        new("lead"), new("allowed", "rules"), new("waiting", "roles"), new("denied", "blocking", "rules"), new("undecided"), new("results"),
    ];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"), ParagraphStyle.Lead);
        yield return Outcome(input, wording);
        if (input.Gate is { } gate && gate.Decision.Rules.Where(Stands).ToList() is { Count: > 0 } standing)
        {
            yield return new ItemList([.. standing.Select(r => Standing(r))]);
        }

        yield return new Facts(
        [
            new("Tier", NumberText.Whole(input.Model.Tier)),
            new("Open findings", FindingText.CountOpen(input.Findings)),
            new("Sign-offs", NumberText.Whole(input.SignOffs.Count)),
            new("Waivers in force", NumberText.Whole(input.Waivers.Count)),
            new("Next review", input.NextReview is { } day ? NumberText.Date(day) : "not set"),
        ]);
        if (input.Evidence.Count > 0)
        {
            yield return new DataTable(wording.Text("results"), [new("Evidence", Width: 1.2), new("Check", Width: 3), new("What it found", Width: 8)],
                [.. input.Referenced().Select(e => new TableRow([new EvidenceMark(e.Reference), new Strong(e.Item.Text.Title), e.Item.Result.Summary]))]);
        }
    }

    private static Phrase Standing(RuleOutcome rule) => [GateBadges.Of(rule.Status), " ", new Strong(rule.Title), ": " + rule.Message];

    private static bool Stands(RuleOutcome rule) => rule.Status is RuleStatus.Violation or RuleStatus.Gap;

    private static Callout Outcome(ValidationReportInput input, Wording wording)
    {
        var badge = ValidationReport.Outcome(input);
        var rules = NumberText.Whole(input.Gate?.Decision.Rules.Count ?? 0);
        return new Callout(badge.Tone, badge.Value, input.Gate?.Decision switch
        {
            { Status: GateStatus.Allowed } => wording.Text("allowed", ("rules", rules)),
            { Status: GateStatus.Waiting } d => wording.Text("waiting", ("roles", string.Join(", ", d.WaitingFor))),
            { } d => wording.Text("denied", ("rules", rules),
                ("blocking", NumberText.Whole(d.Rules.Count(r => Stands(r) && r.Severity == RuleSeverity.Deny)))),
            null => wording.Text("undecided"),
        });
    }
}

using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Reports.Definitions;
using Governance.Reports.Documents;
using Governance.Reports.Validation.Sections;

namespace Governance.Reports.Validation;

/// <summary>The validation report: its sections, its placeholders, its cover.</summary>
internal static class ValidationReport
{
    public static ReportKind<ValidationReportInput> Kind { get; } = new("validation",
        [
            new ExecutiveSummary(),
            new Scope(),
            new Purpose(),
            new Data(),
            new Statements("conceptual-soundness", StatementTopic.ConceptualSoundness),
            new Statements("implementation", StatementTopic.Implementation),
            new EvidenceFamily("evidence-validation", CheckFamily.Validation),
            new EvidenceFamily("evidence-fairness", CheckFamily.Fairness),
            new EvidenceFamily("evidence-explainability", CheckFamily.Explainability),
            new EvidenceFamily("evidence-privacy", CheckFamily.Privacy),
            new EvidenceFamily("evidence-robustness", CheckFamily.Robustness),
            new ReviewTestsSection(),
            new Statements("benchmark", StatementTopic.Benchmark),
            new Statements("outcomes-analysis", StatementTopic.OutcomesAnalysis),
            new GateDecisionSection(),
            new Limitations(),
            new Findings(),
            new Conclusion(),
            new EvidenceRegister(),
            new Verification(),
        ],
        new Dictionary<string, Func<ValidationReportInput, string>>
        {
            ["report_id"] = i => i.ReportId,
            ["model"] = i => i.Model.Name,
            ["model_id"] = i => i.Model.Id,
            ["version"] = i => i.Version.Version,
            ["tier"] = i => NumberText.Whole(i.Model.Tier),
            ["owner"] = i => i.Model.Owner.Name,
            ["developer"] = i => i.Version.SubmittedBy.Name,
            ["policy"] = i => $"{i.Policy.Pack} {i.Policy.Version}",
            ["generated"] = i => NumberText.Time(i.GeneratedAt),
            ["ledger"] = i => i.Ledger.Origin,
            ["ledger_size"] = i => NumberText.Whole(i.Ledger.Size),
            ["evidence_count"] = i => NumberText.Whole(i.Evidence.Count),
        });

    public static ReportDocument Compose(ReportDefinition definition, ValidationReportInput input) => new()
    {
        ReportId = input.ReportId,
        Title = definition.Title,
        Subtitle = Kind.Fill(definition.Subtitle, input),
        Classification = definition.Classification,
        Language = definition.Language,
        Author = input.Author,
        GeneratedAt = input.GeneratedAt,
        Cover = new Cover(Outcome(input), CoverFacts(input), input.SignOffs, [.. definition.Verification.Select(v => (Phrase)Kind.Fill(v, input))]),
        Sections = Kind.Compose(definition, input),
    };

    /// <summary>What the gate says, as one word in a frame.</summary>
    public static Badge Outcome(ValidationReportInput input) => input.Gate?.Decision.Status switch
    {
        GateStatus.Allowed => new Badge("Allowed by policy", Tone.Good),
        GateStatus.Waiting => new Badge("Waiting for sign-off", Tone.Caution),
        GateStatus.Denied => new Badge("Denied by policy", Tone.Bad),
        _ => new Badge("Not yet decided", Tone.Neutral),
    };

    private static List<Fact> CoverFacts(ValidationReportInput input) =>
    [
        new("Model", [new Strong(input.Model.Name), " (", new Code(input.Model.Id), ")"]),
        new("Version", input.Version.Version),
        new("Artefact", new Hash(input.Version.Artefact)),
        new("Policy pack", [$"{input.Policy.Pack} {input.Policy.Version}  ", new Hash(input.Policy.Digest)]),
        .. input.Datasets.Select(d => new Fact($"Data: {d.Role}", [$"{d.Name}  ", new Hash(d.Digest)])),
        new("Data cut-off", input.DataCutOff is { } day ? NumberText.Date(day) : "not recorded"),
        new("Ledger", [new Code(input.Ledger.Origin), $", {NumberText.Whole(input.Ledger.Size)} entries, root  ", new Hash(input.Ledger.Root)]),
    ];
}

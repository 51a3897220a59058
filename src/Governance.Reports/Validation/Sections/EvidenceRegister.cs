using Governance.Reports.Definitions;
using Governance.Reports.Documents;
using Governance.Reports.Html;

namespace Governance.Reports.Validation.Sections;

/// <summary>Every item of evidence in full: digests, ledger entry, signer, parameters, sources. Marks in the text link here.</summary>
internal sealed class EvidenceRegister : IReportSection<ValidationReportInput>
{
    public string Id => "evidence-register";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead")];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        foreach (var (item, evidence) in input.Referenced())
        {
            yield return new Subheading($"{evidence.Key} · {item.Text.Title}", InlineHtml.EvidenceId(evidence));
            yield return new Facts(
            [
                new("Check", [new Code(item.Result.Check), $", version {item.Result.CheckVersion}"]),
                new("Evidence", new Hash(item.Digest)),
                new("Result", new Hash(item.Result.ComputeDigest())),
                new("Ledger entry", NumberText.Whole(item.LedgerIndex)),
                new("Recorded", [NumberText.Time(item.RecordedAt) + ", signed by ", new Code(item.Signer)]),
                new("Signs of high risk", item.Text.SignsOfHighRisk),
                new("Strengths", item.Text.Strengths),
                new("Sources", string.Join("; ", item.Text.Sources)),
                new("Parameters", new Code(item.Result.Parameters.ToJsonString())),
            ]);
        }
    }
}

using Governance.Reports.Definitions;
using Governance.Reports.Documents;
using Governance.Reports.Html;

namespace Governance.Reports.Validation.Sections;

/// <summary>Every item of evidence in full: digests, ledger entry, signer, parameters. Marks in the text link here.</summary>
internal sealed class EvidenceRegister : IReportSection<ValidationReportInput>
{
    public string Id => "evidence-register";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("table"), new("parameters")];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        if (input.Evidence.Count == 0)
        {
            yield break;
        }

        yield return new DataTable(wording.Text("table"),
            [new("Key", Width: 1), new("Check", Width: 3), new("Evidence, result", Width: 6), new("Recorded", Width: 2.4), new("Ledger", Align.End, 1.2)],
            [.. input.Referenced().Select(e => new TableRow(
                [new Strong(e.Reference.Key), [new Code(e.Item.Result.Check), $" {e.Item.Result.CheckVersion}"],
                    [new Hash(e.Item.Digest), " result ", new Hash(e.Item.Result.ComputeDigest())],
                    [NumberText.Time(e.Item.RecordedAt), " signed by ", new Code(e.Item.Signer)], NumberText.Whole(e.Item.LedgerIndex)],
                InlineHtml.EvidenceId(e.Reference)))]);
        yield return new DataTable(wording.Text("parameters"),
            [new("Key", Width: 1), new("Check", Width: 3), new("Parameters", Width: 9)],
            [.. input.Referenced().Select(e => new TableRow(
                [new EvidenceMark(e.Reference), new Code(e.Item.Result.Check), new Code(e.Item.Result.Parameters.ToJsonString())]))]);
    }
}

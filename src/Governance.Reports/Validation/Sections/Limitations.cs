using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>What the results do not say, gathered from every check, and the adjustments in force because of it.</summary>
internal sealed class Limitations : IReportSection<ValidationReportInput>
{
    public string Id => "limitations";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("table"), new("no_limitations"), new("adjustments"), new("no_adjustments")];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        var rows = input.Referenced().SelectMany(e => e.Item.Result.Limitations.Select(l => new TableRow([new EvidenceMark(e.Reference), e.Item.Text.Title, l]))).ToList();
        yield return rows.Count == 0
            ? new Paragraph(wording.Text("no_limitations"))
            : new DataTable(wording.Text("table"), [new("Evidence", Width: 1.2), new("Check", Width: 3), new("Limitation", Width: 8)], rows);
        yield return new Heading("adjustments", wording.Text("adjustments"));
        yield return input.Adjustments.Count == 0
            ? new Paragraph(wording.Text("no_adjustments"))
            : new ItemList([.. input.Adjustments.Select(a => (Phrase)a)]);
    }
}

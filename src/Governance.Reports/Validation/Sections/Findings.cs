using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>Findings with severity, owner and due date, the gravest first.</summary>
internal sealed class Findings : IReportSection<ValidationReportInput>
{
    public string Id => "findings";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("table"), new("none_recorded")];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        yield return input.Findings.Count == 0
            ? new Paragraph(wording.Text("none_recorded"))
            : new DataTable(wording.Text("table"),
                [new("Finding", Width: 1.6), new("Severity", Width: 1.7), new("What", Width: 5), new("Owner", Width: 2.4), new("Due", Width: 2), new("Status", Width: 1.4), new("Ledger", Align.End, 1.3)],
                [.. input.Findings.OrderBy(f => f.Severity).ThenBy(f => f.Id, StringComparer.Ordinal).Select(f => new TableRow(
                    [new Code(f.Id), FindingText.Badge(f.Severity), f.Title, f.Owner, f.Due is { } due ? NumberText.Date(due) : "not set", f.Status, NumberText.Whole(f.LedgerIndex)]))]);
    }
}

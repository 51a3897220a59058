using Governance.Core.Evidence;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>A table of the evidence, printed as it is, numbers in their column's format.</summary>
internal static class EvidenceTable
{
    public static DataTable Of(Table table, EvidenceReference evidence) => new(table.Title,
        [.. table.Columns.Select(c => new TableColumn(c.Title, c.Format == "text" ? Align.Start : Align.End))],
        [.. table.Rows.Select(r => new TableRow([.. table.Columns.Select((c, i) => (Phrase)NumberText.Cell(i < r.Count ? r[i] : default, c.Format))]))],
        evidence);
}

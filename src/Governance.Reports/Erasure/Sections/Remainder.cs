using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Erasure.Sections;

/// <summary>What remains and why: items kept under an exception, and what the ledger keeps of every erasure.</summary>
internal sealed class Remainder : IReportSection<ErasureCertificateInput>
{
    public string Id => "remainder";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("table"), new("nothing_retained"), new("ledger")];

    public IEnumerable<Block> Build(ErasureCertificateInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        yield return input.Retained.Count == 0
            ? new Paragraph(wording.Text("nothing_retained"))
            : new DataTable(wording.Text("table"),
                [new("Item", Width: 3), new("Exception", Width: 3), new("Reason", Width: 4), new("Deleted on", Width: 2)],
                [.. input.Retained.Select(r => new TableRow([new Strong(r.Item), r.Article, r.Reason, r.DeletionDate is { } day ? NumberText.Date(day) : "not set"]))]);
        yield return new Paragraph(wording.Text("ledger"));
    }
}

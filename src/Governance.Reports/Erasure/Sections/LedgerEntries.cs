using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Erasure.Sections;

/// <summary>The entries that record the erasure, and the checkpoint that covers them.</summary>
internal sealed class LedgerEntries : IReportSection<ErasureCertificateInput>
{
    public string Id => "ledger";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("table"), new("checkpoint")];

    public IEnumerable<Block> Build(ErasureCertificateInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        yield return new DataTable(wording.Text("table"),
            [new("Entry", Align.End, 1), new("Event", Width: 2.6), new("Time", Width: 3), new("Leaf hash", Width: 6.4)],
            [.. input.Entries.Select(e => new TableRow([NumberText.Whole(e.Index), e.Event, NumberText.Time(e.At), new Hash(e.LeafHash)]))]);
        yield return new Subheading(wording.Text("checkpoint"));
        yield return new CodeBlock(input.Ledger.Checkpoint);
    }
}

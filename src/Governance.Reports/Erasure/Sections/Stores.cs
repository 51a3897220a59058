using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Erasure.Sections;

/// <summary>What was done in each store, and the query that shows it.</summary>
internal sealed class Stores : IReportSection<ErasureCertificateInput>
{
    public string Id => "stores";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("table")];

    public IEnumerable<Block> Build(ErasureCertificateInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        yield return new DataTable(wording.Text("table"),
            [new("Store", Width: 2.6), new("Outcome", Width: 1.8), new("Method", Width: 2.8), new("Records", Align.End, 1.4), new("Verified by", Width: 4)],
            [.. input.Stores.Select(s => new TableRow([new Strong(s.Store), s.Outcome, s.Method, NumberText.Whole(s.Count), s.Verification]))]);
    }
}

using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Erasure.Sections;

/// <summary>Who holds copies that no erasure here reaches, and who of them was told under GDPR Art. 19.</summary>
internal sealed class Recipients : IReportSection<ErasureCertificateInput>
{
    public string Id => "recipients";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("table"), new("none_recorded"), new("not_told")];

    public IEnumerable<Block> Build(ErasureCertificateInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        yield return input.Recipients.Count == 0
            ? new Paragraph(wording.Text("none_recorded"))
            : new DataTable(wording.Text("table"), [new("Recipient", Width: 4), new("Records", Width: 2), new("Told", Width: 4)],
                [.. input.Recipients.Select(r => new TableRow([
                    r.Recipient, r.Records is { } count ? NumberText.Whole(count) : "", r.At is { } at ? NumberText.Time(at) : wording.Text("not_told"),
                ]))]);
    }
}

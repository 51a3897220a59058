using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Erasure.Sections;

/// <summary>Where the data protection officer signs.</summary>
internal sealed class Attestation : IReportSection<ErasureCertificateInput>
{
    public string Id => "attestation";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("statement"), new("role"), new("meaning")];

    public IEnumerable<Block> Build(ErasureCertificateInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("statement"));
        yield return new SignatureLine(wording.Text("role"), wording.Text("meaning"));
    }
}

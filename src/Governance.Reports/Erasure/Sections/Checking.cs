using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Erasure.Sections;

/// <summary>How a reader checks the certificate offline.</summary>
internal sealed class Checking : IReportSection<ErasureCertificateInput>
{
    public string Id => "verification";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("copy"), new("verify"), new("keys"), new("proof")];

    public IEnumerable<Block> Build(ErasureCertificateInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        yield return new ItemList([wording.Text("copy"), wording.Text("verify"), wording.Text("keys")], Ordered: true);
        yield return new CodeBlock("gov ledger verify COPIED-FOLDER");
        yield return new Paragraph(wording.Text("proof"));
    }
}

using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Erasure.Sections;

/// <summary>Who approved: at least two people.</summary>
internal sealed class Approvals : IReportSection<ErasureCertificateInput>
{
    public string Id => "approvals";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("too_few")];

    public IEnumerable<Block> Build(ErasureCertificateInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        if (input.Approvals.DistinctBy(a => a.Person).Count() < 2)
        {
            yield return new Callout(Tone.Bad, "Fewer than two approvers", wording.Text("too_few"));
        }

        if (input.Approvals.Count > 0)
        {
            yield return new Signatures(input.Approvals);
        }
    }
}

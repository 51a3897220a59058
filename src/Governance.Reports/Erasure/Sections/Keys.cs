using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Erasure.Sections;

/// <summary>The keys destroyed, named by a Merkle root, and what becomes of earlier copies.</summary>
internal sealed class Keys : IReportSection<ErasureCertificateInput>
{
    public string Id => "keys";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("final", "when"), new("backups_expire", "when"), new("copies")];

    public IEnumerable<Block> Build(ErasureCertificateInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        yield return new Facts(
        [
            new("Keys destroyed", NumberText.Whole(input.Keys.Count)),
            new("Merkle root", new Hash(input.Keys.Root)),
            new("Key epoch", NumberText.Whole(input.Keys.Epoch)),
        ]);
        yield return new Paragraph(input.Keys.FinalAt is { } final
            ? wording.Text("final", ("when", NumberText.Time(final)))
            : input.Keys.BackupsExpire is { } when
            ? wording.Text("backups_expire", ("when", NumberText.Time(when)))
            : wording.Text("copies"));
    }
}

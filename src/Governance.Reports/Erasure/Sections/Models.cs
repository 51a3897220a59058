using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Erasure.Sections;

/// <summary>What was decided about the models that saw the subject.</summary>
internal sealed class Models : IReportSection<ErasureCertificateInput>
{
    public string Id => "models";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("table"), new("none_recorded")];

    public IEnumerable<Block> Build(ErasureCertificateInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        yield return input.Models.Count == 0
            ? new Paragraph(wording.Text("none_recorded"))
            : new DataTable(wording.Text("table"),
                [new("Model", Width: 3), new("Version", Width: 1.6), new("Disposition", Width: 2.4), new("Reason", Width: 5)],
                [.. input.Models.Select(m => new TableRow([new Strong(m.Model), m.Version, m.Disposition, m.Reason]))]);
    }
}

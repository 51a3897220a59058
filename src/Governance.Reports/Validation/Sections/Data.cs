using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>The datasets: what they are, on what legal basis they are held and for how long.</summary>
internal sealed class Data : IReportSection<ValidationReportInput>
{
    public string Id => "data";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("table"), new("none_recorded")];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        if (input.Datasets.Count == 0)
        {
            yield return new Callout(Tone.Caution, "No dataset is recorded", wording.Text("none_recorded"));
            yield break;
        }

        yield return new DataTable(wording.Text("table"),
            [new("Dataset", Width: 3), new("Role", Width: 2), new("Rows", Align.End, 1.4), new("Legal basis", Width: 3), new("Retention", Width: 3)],
            [.. input.Datasets.Select(d => new TableRow([new Strong(d.Name), d.Role, NumberText.Whole(d.Rows), d.LegalBasis, d.Retention]))]);
        foreach (var dataset in input.Datasets)
        {
            yield return new Heading("dataset-" + dataset.Id, dataset.Name);
            yield return new Facts(
            [
                new("Identifier", new Code(dataset.Id)),
                new("Digest", new Hash(dataset.Digest)),
                new("Source", dataset.Source),
                new("Protected attributes", dataset.ProtectedAttributes.Count == 0 ? "none" : string.Join(", ", dataset.ProtectedAttributes)),
            ]);
        }
    }
}

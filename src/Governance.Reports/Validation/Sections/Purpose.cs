using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>What the model is for, what it may and may not be used for, how its score becomes a decision.</summary>
internal sealed class Purpose : IReportSection<ValidationReportInput>
{
    public string Id => "purpose";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("decision", "threshold", "outcome"), new("none_recorded")];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        yield return new Paragraph(input.Model.Purpose);
        yield return new Paragraph(wording.Text("decision", ("threshold", NumberText.Number(input.Version.Threshold)), ("outcome", input.Version.FavourableOutcome)));
        yield return new Subheading("Permitted use");
        yield return Uses(input.Model.PermittedUses, wording);
        yield return new Subheading("Prohibited use");
        yield return Uses(input.Model.ProhibitedUses, wording);
    }

    private static Block Uses(IReadOnlyList<string> uses, Wording wording) =>
        uses.Count == 0 ? new Paragraph(wording.Text("none_recorded")) : new ItemList([.. uses.Select(u => (Phrase)u)]);
}

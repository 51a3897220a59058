using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>What people state about a topic; says so when nobody has.</summary>
internal sealed class Statements(string id, StatementTopic topic) : IReportSection<ValidationReportInput>
{
    public string Id => id;

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("none_recorded")];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        var statements = input.Statements.Where(s => s.Topic == topic).ToList();
        if (statements.Count == 0)
        {
            yield return new Callout(Tone.Caution, "Not recorded", wording.Text("none_recorded"));
        }

        foreach (var statement in statements)
        {
            yield return new Paragraph(statement.Text);
            yield return new Paragraph($"Stated by {statement.Author}; ledger entry {NumberText.Whole(statement.LedgerIndex)}.", ParagraphStyle.Note);
        }
    }
}

using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>How a reader checks the report offline, and the signed checkpoint to check it against.</summary>
internal sealed class Verification : IReportSection<ValidationReportInput>
{
    public string Id => "verification";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("copy"), new("verify"), new("evidence"), new("reproduce"), new("checkpoint")];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        yield return new ItemList([wording.Text("copy"), wording.Text("verify")], Ordered: true);
        yield return new CodeBlock("gov ledger verify COPIED-FOLDER");
        yield return new Paragraph(wording.Text("evidence"));
        yield return new Paragraph(wording.Text("reproduce"));
        yield return new Subheading(wording.Text("checkpoint"));
        yield return new CodeBlock(input.Ledger.Checkpoint);
    }
}

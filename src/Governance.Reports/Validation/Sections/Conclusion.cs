using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>Rating, conditions, sign-offs, next review.</summary>
internal sealed class Conclusion : IReportSection<ValidationReportInput>
{
    public string Id => "conclusion";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("sign_offs"), new("none_signed"), new("no_conditions")];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        yield return new Facts(
        [
            new("Rating", ValidationReport.Outcome(input)),
            new("Conditions", Conditions(input, wording)),
            new("Next review", input.NextReview is { } day ? NumberText.Date(day) : "not set"),
        ]);
        yield return new Heading("sign-offs", wording.Text("sign_offs"));
        yield return input.SignOffs.Count == 0 ? new Paragraph(wording.Text("none_signed")) : new Signatures(input.SignOffs);
    }

    private static string Conditions(ValidationReportInput input, Wording wording)
    {
        var conditional = input.SignOffs.Where(s => s.Meaning == "conditional").Select(s => s.Comment).OfType<string>();
        var conditions = conditional.Concat(input.Adjustments).ToList();
        return conditions.Count == 0 ? wording.Text("no_conditions") : string.Join(" ", conditions);
    }
}

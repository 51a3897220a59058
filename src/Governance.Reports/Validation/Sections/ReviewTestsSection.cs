using Governance.Core.Evidence;
using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>Every statistical test of the review in one ledger: how many were asked, what chance alone would give, what stands after adjustment.</summary>
internal sealed class ReviewTestsSection : IReportSection<ValidationReportInput>
{
    /// <summary>Tests printed of one use, the smallest adjusted p-values first; all others are in the attached evidence.</summary>
    public const int MaximumRows = 30;

    public string Id => "review-tests";

    public IReadOnlyList<WordingKey> Wording { get; } =
        [new("lead"), new("none_recorded"), new("gates"), new("screening"), new("no_gates"), new("no_screening"), new("left_out", "count", "largest")];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        if (input.Tests.Count == 0)
        {
            yield return new Paragraph(wording.Text("none_recorded"));
            yield break;
        }

        yield return new DataTable("Tests by use",
            [new("Use", Width: 4), new("Adjustment", Width: 4), new("Tests", Align.End, 1.4), new("p below 0.05", Align.End, 1.8), new("By chance alone", Align.End, 2), new("Adjusted p below 0.05", Align.End, 2.4)],
            [Count("Policy decides on it", "Holm", input.Tests.Where(t => t.Gates)), Count("Screening", "Benjamini and Hochberg", input.Tests.Where(t => !t.Gates))]);
        var evidence = input.Referenced().ToDictionary(e => e.Item.Result.Check, e => e.Reference);
        foreach (var block in Tests(input.Tests.Where(t => t.Gates), "gates", evidence, wording).Concat(Tests(input.Tests.Where(t => !t.Gates), "screening", evidence, wording)))
        {
            yield return block;
        }
    }

    /// <summary>Of n true hypotheses one in twenty is below 0.05 by chance.</summary>
    private static TableRow Count(string use, string adjustment, IEnumerable<ReviewTest> tests)
    {
        var all = tests.ToList();
        return new TableRow(
        [
            use, adjustment, NumberText.Whole(all.Count), NumberText.Whole(all.Count(t => t.PValue < ReviewTest.Level)), NumberText.Brief(all.Count * ReviewTest.Level), NumberText.Whole(all.Count(t => t.Stands)),
        ]);
    }

    private static IEnumerable<Block> Tests(IEnumerable<ReviewTest> tests, string use, Dictionary<string, EvidenceReference> evidence, Wording wording)
    {
        var ordered = tests.OrderBy(t => t.Adjusted).ThenBy(t => t.PValue).ToList();
        if (ordered.Count == 0)
        {
            yield return new Paragraph(wording.Text("no_" + use));
            yield break;
        }

        yield return new DataTable(wording.Text(use),
            [new("Evidence", Width: 1.3), new("Measure", Width: 3.6), new("Group", Width: 3.6), new("p", Align.End, 1.3), new("Adjusted p", Align.End, 1.6), new("Stands", Width: 1.4)],
            [.. ordered.Take(MaximumRows).Select(t => new TableRow(
            [
                evidence.TryGetValue(t.Check, out var reference) ? new EvidenceMark(reference) : NumberText.None,
                MeasureText.Name(t.Measure), MeasureText.Group(t.Group), NumberText.PValue(t.PValue), NumberText.PValue(t.Adjusted), t.Stands ? new Badge("yes", Tone.Caution) : "no",
            ]))]);
        if (ordered.Count > MaximumRows)
        {
            yield return new Paragraph(wording.Text("left_out", ("count", NumberText.Whole(ordered.Count - MaximumRows)), ("largest", NumberText.PValue(ordered[MaximumRows].Adjusted))), ParagraphStyle.Note);
        }
    }
}

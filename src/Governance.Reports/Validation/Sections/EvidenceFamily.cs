using Governance.Core.Evidence;
using Governance.Reports.Charts;
using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>Every result of one family: question, method, finding, charts, figures, limits, each with its evidence beside it.</summary>
internal sealed class EvidenceFamily(string id, CheckFamily family) : IReportSection<ValidationReportInput>
{
    /// <summary>Longer and wider tables are left to the attached evidence and to the charts drawn from them.</summary>
    public const int MaximumPrintedRows = 24;

    public const int MaximumPrintedColumns = 10;

    public string Id => id;

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("none_recorded"), new("long_table", "table", "count", "evidence")];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"), ParagraphStyle.Lead);
        var items = input.Referenced().Where(e => e.Item.Result.Family == family).ToList();
        if (items.Count == 0)
        {
            yield return new Callout(Tone.Caution, "No evidence", wording.Text("none_recorded"));
        }

        foreach (var (item, reference) in items)
        {
            foreach (var block in One(item, reference, input, wording))
            {
                yield return block;
            }
        }
    }

    private static IEnumerable<Block> One(EvidenceItem item, EvidenceReference evidence, ValidationReportInput input, Wording wording)
    {
        var (result, text) = (item.Result, item.Text);
        yield return new Heading($"check-{evidence.Key}", text.Title);
        yield return new Callout(Tone.Neutral, "Finding", [result.Summary + " ", new EvidenceMark(evidence)]);
        yield return new Facts(
        [
            new("Question", text.Purpose),
            new("Method", text.Method),
            new("Limits", text.Limits),
            new("Read", $"{NumberText.Whole(result.Rows)} rows{(result.Seed is { } seed ? $", seed {seed}" : "")}; {item.Engine}"),
            .. item.Reproduced is { } reproduced ? [new Fact("Reproduced", reproduced)] : Array.Empty<Fact>(),
        ]);
        foreach (var chart in EvidenceCharts.Of(result, ChartTheme.Print, input.Limits, "figure-" + evidence.Key))
        {
            yield return new Figure(chart, evidence);
        }

        var (measures, leftOut) = MeasureTable.Select(result.Measures);
        if (measures.Count > 0)
        {
            yield return MeasureTable.Of($"{text.Title}: measures", measures, evidence);
        }

        if (leftOut > 0)
        {
            yield return Attached(wording, $"The list of measures ({NumberText.Whole(measures.Count)} of {NumberText.Whole(result.Measures.Count)} shown)", result.Measures.Count, evidence);
        }

        foreach (var table in result.Tables)
        {
            yield return table.Rows.Count <= MaximumPrintedRows && table.Columns.Count <= MaximumPrintedColumns
                ? EvidenceTable.Of(table, evidence)
                : Attached(wording, table.Title, table.Rows.Count, evidence);
        }

        var cautions = result.Limitations.Where(l => l != text.Limits).ToList();
        if (cautions.Count > 0)
        {
            yield return new Subheading("Before relying on this");
            yield return new ItemList([.. cautions.Select(l => (Phrase)l)]);
        }
    }

    private static Paragraph Attached(Wording wording, string what, int rows, EvidenceReference evidence) => new(
        wording.Text("long_table", ("table", what), ("count", NumberText.Whole(rows)), ("evidence", evidence.Key)), ParagraphStyle.Note);
}

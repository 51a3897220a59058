using Governance.Core.Evidence;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>Measures as a table; columns that would be empty throughout are left out.</summary>
internal static class MeasureTable
{
    /// <summary>Rows printed of one check; what would go beyond is left to its charts and the attached evidence.</summary>
    public const int MaximumRows = 25;

    /// <summary>
    /// The measures to print, and how many are left out: those of the whole, and of those by group each name that still fits with all its groups, in the order of the result.
    /// </summary>
    public static (IReadOnlyList<Measure> Printed, int LeftOut) Select(IReadOnlyList<Measure> measures)
    {
        var rows = measures.Count(m => m.Group is null);
        var fitting = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in measures.Where(m => m.Group is not null).GroupBy(m => m.Name))
        {
            if (rows + name.Count() <= MaximumRows)
            {
                rows += name.Count();
                fitting.Add(name.Key);
            }
        }

        var printed = measures.Where(m => m.Group is null || fitting.Contains(m.Name)).ToList();
        return (printed, measures.Count - printed.Count);
    }

    public static DataTable Of(string caption, IReadOnlyList<Measure> measures, EvidenceReference evidence)
    {
        var columns = new List<(TableColumn Column, Func<Measure, Phrase> Cell)>
        {
            (new("Measure", Width: 3.2), m => MeasureText.Name(m.Name)),
        };
        if (measures.Any(m => m.Group is not null))
        {
            columns.Add((new("Group", Width: 3), m => MeasureText.Group(m.Group)));
        }

        columns.Add((new("Value", Align.End, 1.5), m => MeasureText.Value(m)));
        if (measures.Any(m => m.Lower is not null))
        {
            var kind = Kinds(measures) is [var only] ? only : Level(measures);
            columns.Add((new("Interval" + (kind.Length > 0 ? ", " + kind : ""), Width: 2.6), m => MeasureText.Bounds(m)));
        }

        if (measures.Any(m => m.PValue is not null))
        {
            columns.Add((new("p (adjusted)", Align.End, 1.8), P));
        }

        if (measures.Any(m => m.Count is not null))
        {
            columns.Add((new("Rows", Align.End, 1.3), m => m.Count is { } n ? NumberText.Whole(n) : NumberText.None));
        }

        var mixed = Kinds(measures).Count > 1;
        if (mixed || measures.Any(m => m.Note is not null || m.Status != MeasureStatus.Ok || m.Test is not null))
        {
            columns.Add((new("Note", Width: 3.4), m => Note(m, mixed)));
        }

        return new DataTable(caption, [.. columns.Select(c => c.Column)],
            [.. measures.Select(m => new TableRow([.. columns.Select(c => c.Cell(m))]))], evidence);
    }

    private static Phrase P(Measure m) => m.PValue is not { } p
        ? NumberText.None
        : NumberText.PValue(p) + (m.AdjustedPValue is { } adjusted ? $" ({NumberText.PValue(adjusted)})" : "");

    /// <summary>How the intervals were made: levels and methods, each once.</summary>
    private static List<string> Kinds(IReadOnlyList<Measure> measures) =>
        [.. measures.Where(m => m.Lower is not null).Select(MeasureText.IntervalKind).Distinct()];

    /// <summary>The level when all intervals have the same, else nothing: then each row says its own.</summary>
    private static string Level(IReadOnlyList<Measure> measures) =>
        measures.Where(m => m.Lower is not null).Select(m => m.Level).Distinct().ToList() is [{ } level] ? MeasureText.Level(level) : "";

    private static Phrase Note(Measure m, bool mixed) => (m.Status, m.Note) switch
    {
        (MeasureStatus.Ok, var note) => string.Join("; ", new[] { mixed && m.Lower is not null ? MeasureText.IntervalKind(m) : null, m.Test, note }.OfType<string>().Where(t => t.Length > 0)),
        (var status, var note) => [new Badge(MeasureText.Status(status), Tone.Caution), note is null ? "" : " " + note],
    };
}

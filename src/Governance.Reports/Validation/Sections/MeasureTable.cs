using Governance.Core.Evidence;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>Measures as a table; columns that would be empty throughout are left out.</summary>
internal static class MeasureTable
{
    /// <summary>A measure that repeats over more groups than this (features, mostly) is left to its chart and the attached evidence.</summary>
    public const int MaximumGroups = 24;

    /// <summary>The measures to print, and how many are left out.</summary>
    public static (IReadOnlyList<Measure> Printed, int LeftOut) Select(IReadOnlyList<Measure> measures)
    {
        var many = measures.GroupBy(m => m.Name).Where(g => g.Count() > MaximumGroups).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        var printed = measures.Where(m => m.Group is null || !many.Contains(m.Name)).ToList();
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
            var kinds = measures.Where(m => m.Lower is not null).Select(MeasureText.IntervalKind).Distinct().ToList();
            columns.Add(kinds is [var kind]
                ? (new("Interval" + (kind.Length > 0 ? ", " + kind : ""), Width: 2.8), m => MeasureText.Bounds(m))
                : (new("Interval", Width: 3.2), m => MeasureText.Interval(m)));
        }

        if (measures.Any(m => m.PValue is not null))
        {
            columns.Add((new("p (adjusted)", Align.End, 1.8), P));
        }

        if (measures.Any(m => m.Count is not null))
        {
            columns.Add((new("Rows", Align.End, 1.3), m => m.Count is { } n ? NumberText.Whole(n) : NumberText.None));
        }

        if (measures.Any(m => m.Note is not null || m.Status != MeasureStatus.Ok || m.Test is not null))
        {
            columns.Add((new("Note", Width: 3), Note));
        }

        return new DataTable(caption, [.. columns.Select(c => c.Column)],
            [.. measures.Select(m => new TableRow([.. columns.Select(c => c.Cell(m))]))], evidence);
    }

    private static Phrase P(Measure m) => m.PValue is not { } p
        ? NumberText.None
        : NumberText.PValue(p) + (m.AdjustedPValue is { } adjusted ? $" ({NumberText.PValue(adjusted)})" : "");

    private static Phrase Note(Measure m) => (m.Status, m.Note) switch
    {
        (MeasureStatus.Ok, var note) => string.Join("; ", new[] { m.Test, note }.OfType<string>()),
        (var status, var note) => [new Badge(MeasureText.Status(status), Tone.Caution), note is null ? "" : " " + note],
    };
}

using Governance.Core.Evidence;
using Governance.Reports.Documents;

namespace Governance.Reports.Charts;

/// <summary>One row of an interval or bar chart. Immutable.</summary>
/// <param name="Label">Group or feature.</param>
/// <param name="Value">Null draws a note instead of a mark.</param>
/// <param name="Count">Rows the value rests on.</param>
/// <param name="Note">Why there is no value.</param>
public sealed record GroupPoint(string Label, double? Value, double? Lower = null, double? Upper = null, long? Count = null, string? Note = null)
{
    /// <summary>One point per measure, labelled by its group.</summary>
    public static IReadOnlyList<GroupPoint> FromMeasures(IEnumerable<Measure> measures) =>
        [.. measures.Select(m => new GroupPoint(
            MeasureText.Group(m.Group), TableValues.Drawable(m.Value), TableValues.Drawable(m.Lower), TableValues.Drawable(m.Upper),
            m.Count, m.Value is null ? MeasureText.Status(m.Status) : null))];

    /// <summary>
    /// One point per row. Columns <c>attribute</c> and <c>group</c> name it, or all its texts; the interval is read from
    /// <c>{value}_lower</c> and <c>{value}_upper</c>, or <c>lower</c> and <c>upper</c>.
    /// </summary>
    public static IReadOnlyList<GroupPoint> FromTable(Table table, string value)
    {
        var prefix = table.Has(value + "_lower") ? value + "_" : "";
        return [.. table.Rows.Select(r => new GroupPoint(
            Name(table, r), table.Number(r, value), table.Number(r, prefix + "lower"), table.Number(r, prefix + "upper"),
            table.Number(r, "count") is { } n ? (long)n : null, table.Number(r, value) is null ? "no value" : null))];
    }

    private static string Name(Table table, IReadOnlyList<Cell> row)
    {
        if (table.Text(row, "attribute") is not { } attribute || table.Text(row, "group") is not { } group)
        {
            return string.Join(" · ", row.Select(c => c.Text).OfType<string>());
        }

        return $"{attribute}={group}{(table.Text(row, "reference") == "yes" ? " (reference)" : "")}";
    }
}

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

    /// <summary>One point per row; texts name it, <c>lower</c>, <c>upper</c> and <c>count</c> are read where present.</summary>
    public static IReadOnlyList<GroupPoint> FromTable(Table table, string value) =>
        [.. table.Rows.Select(r => new GroupPoint(
            r.Label(), table.Number(r, value), table.Number(r, "lower"), table.Number(r, "upper"),
            table.Number(r, "count") is { } n ? (long)n : null, table.Number(r, value) is null ? "no value" : null))];
}

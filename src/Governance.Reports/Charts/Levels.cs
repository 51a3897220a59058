using System.Globalization;
using Governance.Core.Evidence;
using Governance.Reports.Documents;

namespace Governance.Reports.Charts;

/// <summary>Reads measures whose groups are levels of one quantity (<c>sigma=0.1</c>, <c>sigma=0.5</c>) as a table for <see cref="LineChart"/>.</summary>
internal static class Levels
{
    /// <summary>Null unless there are at least two groups, all of the same name with a number each.</summary>
    public static Table? TryRead(string name, IReadOnlyList<Measure> measures)
    {
        var levels = measures.Select(m => Split(m.Group!)).ToList();
        if (levels.Count < 2 || levels.Any(l => l.Level is null || l.Name != levels[0].Name))
        {
            return null;
        }

        var title = MeasureText.Name(levels[0].Name);
        return new Table(measures[0].Name, $"{name} by {levels[0].Name}",
            [new("level", title), new("value", name), new("lower", "Lower"), new("upper", "Upper"), new("count", "Rows", "integer")],
            [.. measures.Zip(levels).Select(p => (IReadOnlyList<Cell>)[p.Second.Level, p.First.Value, p.First.Lower, p.First.Upper, p.First.Count is { } n ? (double)n : (double?)null])]);
    }

    private static (string Name, double? Level) Split(string group)
    {
        var at = group.IndexOf('=', StringComparison.Ordinal);
        return at > 0 && double.TryParse(group.AsSpan(at + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var level) && double.IsFinite(level)
            ? (group[..at], level)
            : (group, null);
    }
}

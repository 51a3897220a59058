namespace Governance.Data;

/// <summary>What a table holds, column by column, for people to look at. Immutable.</summary>
public sealed record TableProfile(int Rows, IReadOnlyList<ColumnProfile> Columns)
{
    public static TableProfile Of(DataTable table) => new(table.RowCount, [.. table.Columns.Select(ColumnProfile.Of)]);
}

/// <summary>One column of a profile. Immutable.</summary>
/// <param name="Count">Values that are not missing.</param>
/// <param name="Minimum">Of numbers; null for words and when all are missing. Mean likewise.</param>
/// <param name="Levels">Of categories, in ordinal order; null for others.</param>
public sealed record ColumnProfile(
    string Name, ColumnRole Role, int Count, int Missing, double? Minimum, double? Maximum, double? Mean, IReadOnlyList<LevelCount>? Levels)
{
    internal static ColumnProfile Of(DataColumn column) => column switch
    {
        Float32Column c => Numbers(c, i => c.Values.Span[i]),
        Float64Column c => Numbers(c, i => c.Values.Span[i]),
        CategoryColumn c => Words(c),
        TextColumn c => new(c.Name, c.Role, c.Values.Count(v => v.Length > 0), c.Values.Count(v => v.Length == 0), null, null, null, null),
        _ => new(column.Name, column.Role, column.Length, 0, null, null, null, null),
    };

    private static ColumnProfile Numbers(DataColumn column, Func<int, double> value)
    {
        var (count, minimum, maximum, sum) = (0, double.PositiveInfinity, double.NegativeInfinity, 0.0);
        for (var i = 0; i < column.Length; i++)
        {
            var v = value(i);
            if (!double.IsNaN(v))
            {
                (count, minimum, maximum, sum) = (count + 1, Math.Min(minimum, v), Math.Max(maximum, v), sum + v);
            }
        }

        return count == 0
            ? new(column.Name, column.Role, 0, column.Length, null, null, null, null)
            : new(column.Name, column.Role, count, column.Length - count, minimum, maximum, sum / count, null);
    }

    private static ColumnProfile Words(CategoryColumn column)
    {
        var counts = new int[column.Levels.Count];
        var missing = 0;
        foreach (var code in column.Codes.Span)
        {
            if (code < 0)
            {
                missing++;
            }
            else
            {
                counts[code]++;
            }
        }

        return new(column.Name, column.Role, column.Length - missing, missing, null, null, null, [.. column.Levels.Select((l, i) => new LevelCount(l, counts[i]))]);
    }
}

public sealed record LevelCount(string Level, int Count);

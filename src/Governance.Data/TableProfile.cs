namespace Governance.Data;

/// <summary>What a table holds and how good it is, column by column, for people to look at. Immutable.</summary>
public sealed record TableProfile(int Rows, IReadOnlyList<ColumnProfile> Columns)
{
    public static TableProfile Of(DataTable table) => new(table.RowCount, [.. table.Columns.Select(ColumnProfile.Of)]);
}

/// <summary>One column of a profile. Immutable.</summary>
/// <param name="Count">Values that are not missing.</param>
/// <param name="Distinct">Different ones among them.</param>
/// <param name="Minimum">Of numbers; null for words and when all are missing. Maximum, mean and deviation likewise.</param>
/// <param name="Deviation">Standard deviation, divisor n.</param>
/// <param name="Levels">Of categories, in ordinal order; null for others.</param>
public sealed record ColumnProfile(
    string Name, ColumnRole Role, int Count, int Missing, int Distinct, double? Minimum, double? Maximum, double? Mean, double? Deviation, IReadOnlyList<LevelCount>? Levels)
{
    /// <summary>What to look at before the column is used, as a sentence; null when nothing stands out.</summary>
    public string? Concern =>
        Count == 0 ? "Every value is missing."
        : Role is ColumnRole.Label && Distinct == 1 ? "Only one label occurs: nothing can be learned or tested."
        : Role is ColumnRole.Feature or ColumnRole.Protected && Distinct == 1 ? "Only one value occurs: the column says nothing."
        : Missing > Count ? "More than half of the values are missing."
        : null;

    internal static ColumnProfile Of(DataColumn column) => column switch
    {
        Float32Column c => Numbers(c, i => c.Values.Span[i]),
        Float64Column c => Numbers(c, i => c.Values.Span[i]),
        CategoryColumn c => Words(c),
        TextColumn c => Words(c.Name, c.Role, [.. c.Values.Where(v => v.Length > 0)], c.Length),
        _ => Words(column.Name, column.Role, [], column.Length),
    };

    private static ColumnProfile Numbers(DataColumn column, Func<int, double> value)
    {
        var (count, minimum, maximum, mean, squares) = (0, double.PositiveInfinity, double.NegativeInfinity, 0.0, 0.0);
        var distinct = new HashSet<double>();
        for (var i = 0; i < column.Length; i++)
        {
            var v = value(i);
            if (double.IsNaN(v))
            {
                continue;
            }

            // Welford (1962).
            count++;
            var step = v - mean;
            mean += step / count;
            squares += step * (v - mean);
            (minimum, maximum) = (Math.Min(minimum, v), Math.Max(maximum, v));
            distinct.Add(v);
        }

        return count == 0
            ? Words(column.Name, column.Role, [], column.Length)
            : new(column.Name, column.Role, count, column.Length - count, distinct.Count, minimum, maximum, mean, Math.Sqrt(squares / count), null);
    }

    private static ColumnProfile Words(string name, ColumnRole role, IReadOnlyCollection<string> values, int rows) =>
        new(name, role, values.Count, rows - values.Count, values.Distinct(StringComparer.Ordinal).Count(), null, null, null, null, null);

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

        return new(
            column.Name, column.Role, column.Length - missing, missing, counts.Count(c => c > 0), null, null, null, null, [.. column.Levels.Select((l, i) => new LevelCount(l, counts[i]))]);
    }
}

public sealed record LevelCount(string Level, int Count);

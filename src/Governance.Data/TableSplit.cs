using Governance.Core;

namespace Governance.Data;

/// <summary>Where a table came from: the datasets it was made of, by their digests, and the recipe that repeats it. Immutable.</summary>
/// <param name="Parents">At least one.</param>
/// <param name="Recipe">What was done, with every number it needs: <c>split by seed 7, first part of 0.7</c>.</param>
public sealed record DatasetLineage(IReadOnlyList<Digest> Parents, string Recipe);

/// <summary>A part of a table with its lineage. Rows keep their order. Immutable.</summary>
public sealed record TablePart(DataTable Table, DatasetLineage Lineage);

/// <summary>Cuts a table in two parts that have no row in common and together hold all. The same table and arguments give the same parts.</summary>
public static class TableSplit
{
    /// <summary>Each row goes into the first part with a fair chance of its own, from the seed and its number; so a row stays in its part when rows are added behind it.</summary>
    /// <param name="parent">Digest of the dataset the table was read from.</param>
    /// <param name="share">Of the first part, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not in (0, 1).</exception>
    public static (TablePart First, TablePart Second) BySeed(DataTable table, Digest parent, double share, long seed)
    {
        if (share is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), "A share of a split lies between 0 and 1.");
        }

        var recipe = FormattableString.Invariant($"split by seed {seed}, share {share}");
        return Cut(table, parent, recipe, row => new SeededRandom(unchecked(((ulong)seed * 0x9E3779B97F4A7C15) ^ ((ulong)row * 0xD1B54A32D192ED03))).NextDouble() < share);
    }

    /// <summary>Rows before a point in time go into the first part, the others into the second: out-of-time data.</summary>
    /// <param name="column">A column of times: numbers, or words in an order that is that of time, such as ISO 8601.</param>
    /// <param name="cut">First time of the second part, in the column's own form.</param>
    /// <exception cref="KeyNotFoundException">There is no such column.</exception>
    /// <exception cref="ArgumentException">A row has no time, or the cut is not a number while the times are.</exception>
    public static (TablePart Before, TablePart After) ByTime(DataTable table, Digest parent, string column, string cut)
    {
        var compare = table[column] switch
        {
            TextColumn c => (Func<int, int?>)(row => c.Values[row].Length == 0 ? null : string.CompareOrdinal(c.Values[row], cut)),
            CategoryColumn c => row => c.Codes.Span[row] < 0 ? null : string.CompareOrdinal(c.Levels[c.Codes.Span[row]], cut),
            Float32Column c => row => Compare(c.Values.Span[row], cut),
            Float64Column c => row => Compare(c.Values.Span[row], cut),
            _ => throw new ArgumentException($"The column '{column}' holds no times.", nameof(column)),
        };
        return Cut(table, parent, $"split by time at {column} = {cut}", row =>
            (compare(row) ?? throw new ArgumentException($"Row {row} has no value of '{column}', so it is neither before nor after the cut.", nameof(column))) < 0);
    }

    /// <summary>Some rows of a table, in the given order.</summary>
    public static DataTable Rows(DataTable table, IReadOnlyList<int> rows) => new([.. table.Columns.Select(c => Rows(c, rows))]);

    private static (TablePart First, TablePart Second) Cut(DataTable table, Digest parent, string recipe, Func<int, bool> first)
    {
        var parts = Enumerable.Range(0, table.RowCount).ToLookup(first);
        return (Part(true, "first"), Part(false, "second"));

        TablePart Part(bool which, string name) => new(Rows(table, [.. parts[which]]), new DatasetLineage([parent], $"{recipe}, {name} part"));
    }

    private static int? Compare(double value, string cut) =>
        !double.TryParse(cut, System.Globalization.CultureInfo.InvariantCulture, out var at) ? throw new ArgumentException("The cut is not a number, though the times are.", nameof(cut))
        : double.IsNaN(value) ? null : value.CompareTo(at);

    private static DataColumn Rows(DataColumn column, IReadOnlyList<int> rows) => column switch
    {
        Float32Column c => new Float32Column(c.Name, c.Role, Take(c.Values, rows)),
        Float64Column c => new Float64Column(c.Name, c.Role, Take(c.Values, rows)),
        CategoryColumn c => new CategoryColumn(c.Name, c.Role, Take(c.Codes, rows), c.Levels),
        TextColumn c => new TextColumn(c.Name, c.Role, [.. rows.Select(r => c.Values[r])]),
        _ => throw new ArgumentException($"The column '{column.Name}' is of an unknown kind.", nameof(column)),
    };

    private static T[] Take<T>(ReadOnlyMemory<T> values, IReadOnlyList<int> rows)
    {
        var taken = new T[rows.Count];
        var span = values.Span;
        for (var i = 0; i < taken.Length; i++)
        {
            taken[i] = span[rows[i]];
        }

        return taken;
    }
}

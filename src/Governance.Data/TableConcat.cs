namespace Governance.Data;

/// <summary>Puts tables of the same columns together.</summary>
public static class TableConcat
{
    /// <summary>The rows of all tables in order. Categories get the levels of all, in ordinal order, as if they had been read from one file.</summary>
    /// <param name="tables">One or more.</param>
    /// <exception cref="ArgumentException">There is none, or they do not have the same columns.</exception>
    public static DataTable Of(IReadOnlyList<DataTable> tables)
    {
        if (tables.Count == 0)
        {
            throw new ArgumentException("There is no table.", nameof(tables));
        }

        return tables.Count == 1 ? tables[0] : new DataTable([.. tables[0].Columns.Select(c => Column([.. tables.Select(t => Same(t, c))]))]);
    }

    private static DataColumn Same(DataTable table, DataColumn like) =>
        table.Contains(like.Name) && table[like.Name] is var column && column.GetType() == like.GetType() && column.Role == like.Role
            ? column
            : throw new ArgumentException($"Not every table has the column '{like.Name}' of the same kind and role.", nameof(table));

    private static DataColumn Column(IReadOnlyList<DataColumn> parts) => parts[0] switch
    {
        Float32Column c => new Float32Column(c.Name, c.Role, Join(parts.Cast<Float32Column>().Select(p => p.Values))),
        Float64Column c => new Float64Column(c.Name, c.Role, Join(parts.Cast<Float64Column>().Select(p => p.Values))),
        CategoryColumn => Categories([.. parts.Cast<CategoryColumn>()]),
        TextColumn c => new TextColumn(c.Name, c.Role, [.. parts.Cast<TextColumn>().SelectMany(p => p.Values)]),
        var c => throw new ArgumentException($"The column '{c.Name}' is of an unknown kind.", nameof(parts)),
    };

    private static CategoryColumn Categories(IReadOnlyList<CategoryColumn> parts)
    {
        string[] levels = [.. parts.SelectMany(p => p.Levels).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new CategoryColumn(parts[0].Name, parts[0].Role, Join(parts.Select(Recoded)), levels);

        ReadOnlyMemory<int> Recoded(CategoryColumn part)
        {
            var codes = part.Levels.Select(l => Array.BinarySearch(levels, l, StringComparer.Ordinal)).ToArray();
            return Array.ConvertAll(part.Codes.ToArray(), c => c < 0 ? -1 : codes[c]);
        }
    }

    private static T[] Join<T>(IEnumerable<ReadOnlyMemory<T>> parts)
    {
        var joined = new List<T>();
        foreach (var part in parts)
        {
            joined.AddRange(part.Span);
        }

        return [.. joined];
    }
}

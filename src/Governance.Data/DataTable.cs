namespace Governance.Data;

/// <summary>
/// A table of typed columns of equal length, held column by column. Immutable and thread-safe.
/// Rows keep the order of the source; row numbers are 0-based.
/// </summary>
public sealed class DataTable
{
    private readonly Dictionary<string, DataColumn> byName;

    /// <exception cref="ArgumentException">No columns, unequal lengths or a repeated name.</exception>
    public DataTable(IReadOnlyList<DataColumn> columns)
    {
        if (columns.Count == 0)
        {
            throw new ArgumentException("A table has at least one column.", nameof(columns));
        }

        if (columns.Any(c => c.Length != columns[0].Length))
        {
            throw new ArgumentException("Columns of a table have equal lengths.", nameof(columns));
        }

        Columns = columns;
        RowCount = columns[0].Length;
        byName = columns.ToDictionary(c => c.Name, StringComparer.Ordinal);
    }

    public int RowCount { get; }

    public IReadOnlyList<DataColumn> Columns { get; }

    /// <exception cref="KeyNotFoundException">There is no such column; the message names it.</exception>
    public DataColumn this[string name] =>
        byName.TryGetValue(name, out var column) ? column : throw new KeyNotFoundException($"There is no column '{name}'.");

    public bool Contains(string name) => byName.ContainsKey(name);

    /// <summary>The columns that play a role, in table order.</summary>
    public IEnumerable<DataColumn> WithRole(ColumnRole role) => Columns.Where(c => c.Role == role);
}

using Governance.Core.Evidence;

namespace Governance.Reports.Charts;

/// <summary>Reads evidence tables for drawing: a column that is missing, a short row or a text where a number belongs is simply no value.</summary>
internal static class TableValues
{
    /// <summary>Beyond this a number says nothing on an axis; it still stands in the tables.</summary>
    private const double Largest = 1e15;

    public static double? Number(this Table table, IReadOnlyList<Cell> row, string column) =>
        table.IndexOf(column) is var i && i >= 0 && i < row.Count ? Drawable(row[i].Number) : null;

    public static double? Drawable(double? value) => value is { } v && Math.Abs(v) <= Largest ? v : null;

    public static string? Text(this Table table, IReadOnlyList<Cell> row, string column) =>
        table.IndexOf(column) is var i && i >= 0 && i < row.Count ? row[i].Text : null;

    public static bool Has(this Table table, string column) => table.IndexOf(column) >= 0;

    private static int IndexOf(this Table table, string column)
    {
        for (var i = 0; i < table.Columns.Count; i++)
        {
            if (table.Columns[i].Name == column)
            {
                return i;
            }
        }

        return -1;
    }
}

using System.Globalization;

namespace Governance.Data.Csv;

/// <summary>Writes a table as CSV (RFC 4180, UTF-8, LF line breaks). Numbers are the shortest text that reads back to the same value, so equal tables give equal bytes.</summary>
public static class CsvTableWriter
{
    public static byte[] Write(DataTable table)
    {
        using var bytes = new MemoryStream();
        using (var writer = new StreamWriter(bytes) { NewLine = "\n" })
        {
            writer.WriteLine(string.Join(',', table.Columns.Select(c => Quoted(c.Name))));
            for (var row = 0; row < table.RowCount; row++)
            {
                for (var i = 0; i < table.Columns.Count; i++)
                {
                    if (i > 0)
                    {
                        writer.Write(',');
                    }

                    writer.Write(Cell(table.Columns[i], row));
                }

                writer.WriteLine();
            }
        }

        return bytes.ToArray();
    }

    private static string Cell(DataColumn column, int row) => column switch
    {
        Float32Column c => float.IsNaN(c.Values.Span[row]) ? "" : c.Values.Span[row].ToString(CultureInfo.InvariantCulture),
        Float64Column c => double.IsNaN(c.Values.Span[row]) ? "" : c.Values.Span[row].ToString(CultureInfo.InvariantCulture),
        CategoryColumn c => c.Codes.Span[row] < 0 ? "" : Quoted(c.Levels[c.Codes.Span[row]]),
        TextColumn c => Quoted(c.Values[row]),
        _ => throw new NotSupportedException($"Columns of {column.GetType().Name} are not written."),
    };

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

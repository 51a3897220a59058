using System.Globalization;
using Governance.Core.Inventory;
using Spectre.Console;
using Text = Spectre.Console.Text;

namespace Governance.Cli.Rendering;

/// <summary>The few shapes that results have on a terminal. Text from elsewhere is never markup.</summary>
internal static class Draw
{
    public static void Rows(IAnsiConsole console, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))).NoWrap());
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(c => new Text(Clean(c))));
        }

        console.Write(table);
    }

    public static void Fields(IAnsiConsole console, params ReadOnlySpan<(string Name, string? Value)> fields)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn();
        foreach (var (name, value) in fields)
        {
            if (value is not null)
            {
                grid.AddRow(new Text(name, new Style(foreground: Color.Grey)), new Text(Clean(value)));
            }
        }

        console.Write(grid);
    }

    public static void Title(IAnsiConsole console, string text)
    {
        console.Write(new Text(Clean(text), new Style(decoration: Decoration.Bold)));
        console.WriteLine();
    }

    public static void Line(IAnsiConsole console, string text) => console.WriteLine(Clean(text));

    public static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";

    public static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    public static string Number(double? value) =>
        value?.ToString(Math.Abs(value.Value) is > 0 and < 0.0001 ? "0.##E+0" : "0.####", CultureInfo.InvariantCulture) ?? "";

    public static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";

    public static string Tier(Tier tier, bool confirmed) => string.Create(CultureInfo.InvariantCulture, $"{(int)tier}{(confirmed ? "" : " (proposed)")}");

    /// <summary>What came from elsewhere cannot steer the terminal.</summary>
    private static string Clean(string text) => text.Any(c => char.IsControl(c) && c is not '\n') ? string.Concat(text.Select(c => char.IsControl(c) && c is not '\n' ? ' ' : c)) : text;
}

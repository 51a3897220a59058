using System.Text;
using Governance.Core.Evidence;
using Governance.Reports.Documents;
using Governance.Reports.Html;

namespace Governance.Reports.Charts;

/// <summary>The table behind a chart: what a reader who cannot see it gets instead.</summary>
public static class ChartData
{
    /// <summary>An HTML table with caption and header cells, everything escaped.</summary>
    public static string ToHtml(Table table)
    {
        var html = new StringBuilder("<table class=\"chart-data\"><caption>").Append(Markup.Escape(table.Title)).Append("</caption><thead><tr>");
        foreach (var column in table.Columns)
        {
            html.Append("<th scope=\"col\">").Append(Markup.Escape(column.Title)).Append("</th>");
        }

        html.Append("</tr></thead><tbody>");
        foreach (var row in table.Rows)
        {
            html.Append("<tr>");
            for (var i = 0; i < table.Columns.Count; i++)
            {
                var cell = i < row.Count ? row[i] : default;
                html.Append("<td>").Append(Markup.Escape(NumberText.Cell(cell, table.Columns[i].Format))).Append("</td>");
            }

            html.Append("</tr>");
        }

        return html.Append("</tbody></table>").ToString();
    }

    internal static Table FromMeasures(string title, IReadOnlyList<Measure> measures) => new(
        measures[0].Name, title,
        [new("group", "Group", "text"), new("value", "Value"), new("lower", "Lower"), new("upper", "Upper"), new("count", "Rows", "integer")],
        [.. measures.Select(m => (IReadOnlyList<Cell>)[MeasureText.Group(m.Group), m.Value, m.Lower, m.Upper, m.Count is { } n ? (double)n : (double?)null])]);
}

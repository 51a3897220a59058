using Governance.Core.Evidence;
using Governance.Reports.Documents;

namespace Governance.Reports.Charts;

/// <summary>
/// Which charts a result has, found by the names of its tables and the shape of its measures: <c>roc</c>, <c>calibration</c>, <c>group_rates</c>,
/// tables whose name ends in <c>_decay</c>, and measures that repeat over groups or features. Pure; the portal and the reports draw the same.
/// </summary>
public static class EvidenceCharts
{
    /// <summary>Grouped measures drawn for one result; all of them are in its table of measures.</summary>
    public const int MaximumMeasureCharts = 4;

    private const string FeatureGroup = "feature=";

    /// <param name="limits">Lines that policy sets, by measure name (<c>adverse_impact_ratio</c>, <c>psi</c>); a measure not named gets none.</param>
    /// <param name="idPrefix">Distinguishes charts of several results on one page.</param>
    public static IReadOnlyList<Chart> Of(
        CheckResult result, ChartTheme theme, IReadOnlyDictionary<string, IReadOnlyList<ReferenceLine>>? limits = null, string idPrefix = "chart")
    {
        limits ??= new Dictionary<string, IReadOnlyList<ReferenceLine>>();
        ChartOptions Options(string id, string title) => new($"{idPrefix}-{result.Check}-{id}", title) { Theme = theme };
        var charts = new List<Chart>();
        foreach (var table in result.Tables.Where(t => t.Rows.Count > 0))
        {
            if (OfTable(result, table, limits, Options(table.Name, table.Title)) is { } svg)
            {
                charts.Add(new Chart(table.Name, table.Title, svg, table));
            }
        }

        var grouped = result.Measures.Where(m => m.Group is not null).GroupBy(m => m.Name)
            .Where(g => g.Any(m => m.Value is not null) && IsWorthDrawing(g.ToList(), limits))
            .OrderByDescending(g => limits.ContainsKey(g.Key)).Take(MaximumMeasureCharts);
        foreach (var measures in grouped.Select(g => g.ToList()))
        {
            charts.Add(OfMeasures(measures, limits.GetValueOrDefault(measures[0].Name) ?? [], Options));
        }

        return charts;
    }

    private static string? OfTable(CheckResult result, Table table, IReadOnlyDictionary<string, IReadOnlyList<ReferenceLine>> limits, ChartOptions options) =>
        table.Name switch
        {
            "roc" => RocChart.Draw(table, result.Measures.FirstOrDefault(m => m is { Name: "auc", Group: null }), options),
            "calibration" => CalibrationChart.Draw(table, options),
            "group_rates" when ValueColumn(table) is { } value => GroupIntervalChart.Draw(
                GroupPoint.FromTable(table, value.Name), value.Title, limits.GetValueOrDefault(value.Name)?[0], options),
            _ when table.Name.EndsWith("_decay", StringComparison.Ordinal) && NumericColumns(table) is [var x, var y, ..] => LineChart.Draw(table, x, y, options),
            _ => null,
        };

    private static Chart OfMeasures(List<Measure> measures, IReadOnlyList<ReferenceLine> limits, Func<string, string, ChartOptions> options)
    {
        var name = MeasureText.Name(measures[0].Name);
        var byFeature = measures[0].Group!.StartsWith(FeatureGroup, StringComparison.Ordinal);
        var title = byFeature ? $"{name} by feature" : $"{name} by group";
        var id = "measure-" + measures[0].Name;
        var points = GroupPoint.FromMeasures(measures);
        var svg = byFeature
            ? BarChart.Draw(points, name, limits, options(id, title))
            : GroupIntervalChart.Draw(points, name, limits.Count > 0 ? limits[0] : null, options(id, title));
        return new Chart(id, title, svg, ChartData.FromMeasures(title, measures));
    }

    private static bool IsWorthDrawing(List<Measure> measures, IReadOnlyDictionary<string, IReadOnlyList<ReferenceLine>> limits) =>
        limits.ContainsKey(measures[0].Name)
        || (measures.Count > 1 && (measures.Any(m => m.Lower is not null) || measures[0].Group!.StartsWith(FeatureGroup, StringComparison.Ordinal)));

    private static Column? ValueColumn(Table table) =>
        table.Columns.FirstOrDefault(c => c.Name is "value" or "rate" or "selection_rate") ?? NumericColumns(table).FirstOrDefault();

    private static List<Column> NumericColumns(Table table) =>
        [.. table.Columns.Where(c => c.Format is not "text" && c.Name is not ("lower" or "upper" or "count"))
            .Where(c => table.Rows.Any(r => table.Number(r, c.Name) is not null))];
}

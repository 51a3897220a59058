using Governance.Core.Evidence;
using Governance.Reports.Documents;

namespace Governance.Reports.Charts;

/// <summary>
/// Which charts a result has. Tables are found by name: <c>roc</c>, <c>calibration</c>, <c>group_rates</c>, <c>selection_rates</c>. Measures are found
/// by the shape of their groups: features (<c>feature=age</c>) are bars, numeric levels (<c>sigma=0.1</c>) are a line, other groups are dots with
/// intervals. Pure; the portal and the reports draw the same.
/// </summary>
public static class EvidenceCharts
{
    /// <summary>Grouped measures drawn for one result, those with limits first; all of them are in its measures.</summary>
    public const int MaximumMeasureCharts = 4;

    private const string FeatureGroup = "feature=";

    /// <param name="limits">Lines that policy sets, by measure name (<c>adverse_impact_ratio</c>, <c>psi</c>); a measure not named gets none.</param>
    /// <param name="idPrefix">Distinguishes charts of several results on one page.</param>
    public static IReadOnlyList<Chart> Of(
        CheckResult result, ChartTheme theme, IReadOnlyDictionary<string, IReadOnlyList<ReferenceLine>>? limits = null, string idPrefix = "chart")
    {
        limits ??= new Dictionary<string, IReadOnlyList<ReferenceLine>>();
        ChartOptions Options(string id, string title) => new($"{idPrefix}-{result.Check}-{id}", title) { Theme = theme };
        var grouped = result.Measures.Where(m => m.Group is not null).GroupBy(m => m.Name).Select(g => g.ToList()).ToList();
        var charts = new List<Chart>();
        foreach (var table in result.Tables.Where(t => t.Rows.Count > 0))
        {
            if (OfTable(result, table, limits, Options(table.Name, table.Title)) is { } svg)
            {
                charts.Add(new Chart(table.Name, table.Title, svg, table));
            }
        }

        var drawn = grouped.Where(g => IsWorthDrawing(g, limits)).OrderByDescending(g => limits.ContainsKey(g[0].Name)).Take(MaximumMeasureCharts);
        charts.AddRange(drawn.Select(measures => OfMeasures(measures, limits.GetValueOrDefault(measures[0].Name) ?? [], Options)));
        return charts;
    }

    private static string? OfTable(CheckResult result, Table table, IReadOnlyDictionary<string, IReadOnlyList<ReferenceLine>> limits, ChartOptions options) =>
        table.Name switch
        {
            "roc" => RocChart.Draw(table, result.Measures.FirstOrDefault(m => m is { Name: "auc", Group: null }), options),
            "calibration" => CalibrationChart.Draw(table, options),
            "group_rates" or "selection_rates" when ValueColumn(table) is { } value && !result.Measures.Any(m => m.Name == value.Name) =>
                GroupIntervalChart.Draw(GroupPoint.FromTable(table, value.Name), value.Title, limits.GetValueOrDefault(value.Name)?[0], options),
            _ => null,
        };

    private static Chart OfMeasures(List<Measure> measures, IReadOnlyList<ReferenceLine> limits, Func<string, string, ChartOptions> options)
    {
        var name = MeasureText.Name(measures[0].Name);
        var id = "measure-" + measures[0].Name;
        if (Levels.TryRead(name, measures) is { } levels)
        {
            return new Chart(id, levels.Title, LineChart.Draw(levels, levels.Columns[0], levels.Columns[1], options(id, levels.Title)), levels);
        }

        var byFeature = IsByFeature(measures);
        var title = byFeature ? $"{name} by feature" : $"{name} by group";
        var points = GroupPoint.FromMeasures(measures);
        var svg = byFeature
            ? BarChart.Draw(points, name, limits, options(id, title))
            : GroupIntervalChart.Draw(points, name, limits.Count > 0 ? limits[0] : null, options(id, title));
        return new Chart(id, title, svg, ChartData.FromMeasures(title, measures));
    }

    /// <summary>Summaries (largest, smallest) and spreads repeat what the others show; a lone group is a number, not a chart.</summary>
    private static bool IsWorthDrawing(List<Measure> measures, IReadOnlyDictionary<string, IReadOnlyList<ReferenceLine>> limits)
    {
        var name = measures[0].Name;
        var isSummary = name.StartsWith("min_", StringComparison.Ordinal) || name.StartsWith("max_", StringComparison.Ordinal) || name.EndsWith("_sd", StringComparison.Ordinal);
        return measures.Any(m => m.Value is not null)
            && (limits.ContainsKey(name) || (!isSummary && measures.Count > 1 && (IsByFeature(measures) || measures.Any(m => m.Lower is not null))));
    }

    private static bool IsByFeature(List<Measure> measures) => measures.Any(m => m.Group!.StartsWith(FeatureGroup, StringComparison.Ordinal));

    private static Column? ValueColumn(Table table) =>
        table.Columns.FirstOrDefault(c => c.Name is "value" or "rate" or "selection_rate");
}

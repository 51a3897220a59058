using Governance.Core.Evidence;

namespace Governance.Reports.Charts;

/// <summary>A drawn chart and the numbers it shows. Immutable.</summary>
/// <param name="Id">Unique within a check's result: <c>roc</c>, <c>measure-adverse_impact_ratio</c>.</param>
/// <param name="Title">For people: the figure's caption.</param>
/// <param name="Svg">One <c>svg</c> element with title and description, no script, no reference to anything outside itself.</param>
/// <param name="Data">The same numbers, for <see cref="ChartData.ToHtml"/>.</param>
public sealed record Chart(string Id, string Title, string Svg, Table Data);

/// <summary>A line across a chart at a value that policy names.</summary>
/// <param name="Value">In the unit of the measure.</param>
/// <param name="Label">What it is: "policy minimum".</param>
public sealed record ReferenceLine(double Value, string Label);

/// <summary>How and under what name to draw. Immutable.</summary>
/// <param name="Id">Becomes the prefix of element ids, so it must differ between charts of one page; characters that ids may not hold are replaced.</param>
/// <param name="Title">Accessible name.</param>
public sealed record ChartOptions(string Id, string Title)
{
    public ChartTheme Theme { get; init; } = ChartTheme.Screen;
}

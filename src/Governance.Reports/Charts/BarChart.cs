using Governance.Reports.Documents;

namespace Governance.Reports.Charts;

/// <summary>Horizontal bars, longest first: importance or population stability by feature.</summary>
public static class BarChart
{
    /// <summary>Bars drawn; the rest is counted in a line below them.</summary>
    public const int MaximumBars = 15;

    private const double Width = 620;
    private const double Labels = 190;
    private const double Values = 90;
    private const double RowHeight = 22;

    /// <param name="limits">Lines across the bars: the limits that policy sets for the measure.</param>
    public static string Draw(IReadOnlyList<GroupPoint> items, string axisTitle, IReadOnlyList<ReferenceLine> limits, ChartOptions options)
    {
        var sorted = items.Where(i => i.Value is not null).OrderByDescending(i => i.Value).ThenBy(i => i.Label, StringComparer.Ordinal).ToList();
        if (sorted.Count == 0)
        {
            return NoData.Draw(options);
        }

        var drawn = sorted.Take(MaximumBars).ToList();
        var left = sorted.Count - drawn.Count;
        var top = limits.Count > 0 ? 30.0 : 8.0;
        var bottom = top + (drawn.Count * RowHeight);
        var canvas = new SvgCanvas(options, Width, bottom + (left > 0 ? 64 : 44), Describe(sorted, axisTitle));
        var scale = Scale.Nice([0, .. drawn.Select(d => d.Value!.Value), .. limits.Select(l => l.Value)], Labels, Width - Values, 4);
        foreach (var tick in scale.Ticks)
        {
            canvas.GridLine(scale.At(tick), top, scale.At(tick), bottom);
            canvas.Text(scale.At(tick), bottom + 12, scale.Label(tick), "middle", canvas.Theme.Muted, SvgCanvas.SmallText);
        }

        for (var i = 0; i < drawn.Count; i++)
        {
            var (value, y) = (drawn[i].Value!.Value, top + ((i + 0.5) * RowHeight));
            var (start, end) = (Math.Min(scale.At(0), scale.At(value)), Math.Max(scale.At(0), scale.At(value)));
            canvas.Rect(start, y - 7, Math.Max(1, end - start), 14, value < 0 ? canvas.Theme.Secondary : canvas.Theme.Primary, 0.9);
            canvas.Text(Labels - 12, y, SvgCanvas.Fit(drawn[i].Label, Labels - 16), "end");
            canvas.Text(Width - Values + 12, y, NumberText.Number(value));
        }

        canvas.Line(scale.At(0), top, scale.At(0), bottom, canvas.Theme.Muted);
        foreach (var limit in limits)
        {
            canvas.Line(scale.At(limit.Value), top - 8, scale.At(limit.Value), bottom, canvas.Theme.Limit, 1.5, "6 3");
            canvas.Text(scale.At(limit.Value), top - 17, $"{NumberText.Brief(limit.Value)} {limit.Label}", "middle", canvas.Theme.Limit, SvgCanvas.SmallText);
        }

        canvas.Text((Labels + Width - Values) / 2, bottom + 32, axisTitle, "middle", canvas.Theme.Muted);
        if (left > 0)
        {
            canvas.Text(Labels, bottom + 52, $"and {left} more, none above {NumberText.Number(sorted[MaximumBars].Value!.Value)}", "start", canvas.Theme.Muted, SvgCanvas.SmallText);
        }

        return canvas.ToString();
    }

    private static string Describe(List<GroupPoint> sorted, string axisTitle) =>
        $"{axisTitle}, largest first: {string.Join(", ", sorted.Take(8).Select(i => $"{i.Label} {NumberText.Number(i.Value!.Value)}"))}" +
        (sorted.Count > 8 ? $", and {sorted.Count - 8} more." : ".");
}

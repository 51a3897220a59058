namespace Governance.Reports.Charts;

/// <summary>What is drawn where there is nothing to draw: a chart that says so.</summary>
internal static class NoData
{
    public static string Draw(ChartOptions options)
    {
        var canvas = new SvgCanvas(options, 460, 72, "There are no values to draw.");
        canvas.Text(230, 36, "No values to draw", "middle", canvas.Theme.Muted);
        return canvas.ToString();
    }
}

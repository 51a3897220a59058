using Governance.Core.Evidence;
using Governance.Reports.Documents;

namespace Governance.Reports.Charts;

/// <summary>Reliability diagram: observed against predicted frequency by bin, with intervals, over a strip of bin sizes.</summary>
public static class CalibrationChart
{
    private const double StripHeight = 54;

    /// <param name="calibration">
    /// One row per bin: <c>mean_score</c>, <c>fraction_positive</c>; optional its interval <c>fraction_lower</c>, <c>fraction_upper</c>
    /// (else <c>lower</c>, <c>upper</c>) and <c>count</c>.
    /// </param>
    public static string Draw(Table calibration, ChartOptions options)
    {
        var (lowerColumn, upperColumn) = calibration.Has("fraction_lower") ? ("fraction_lower", "fraction_upper") : ("lower", "upper");
        var bins = calibration.Rows.Select(r => new Bin(
            calibration.Number(r, "mean_score"), calibration.Number(r, "fraction_positive"),
            calibration.Number(r, lowerColumn), calibration.Number(r, upperColumn), Rows(calibration.Number(r, "count")))).ToList();
        var drawn = bins.Where(b => b is { Predicted: >= 0 and <= 1, Observed: >= 0 and <= 1 }).OrderBy(b => b.Predicted).ToList();
        if (drawn.Count == 0)
        {
            return NoData.Draw(options);
        }

        var largest = drawn.Max(b => b.Count ?? 0);
        var strip = largest > 0 ? StripHeight : 0;
        var widest = drawn.MaxBy(b => Math.Abs(b.Observed!.Value - b.Predicted!.Value))!;
        var canvas = new SvgCanvas(options, SquarePlot.Width, SquarePlot.Bottom + strip,
            $"Calibration in {drawn.Count} bins; points on the diagonal are perfectly calibrated. Largest gap: predicted " +
            $"{NumberText.Number(widest.Predicted!.Value)}, observed {NumberText.Number(widest.Observed!.Value)}.");
        var plot = new SquarePlot();
        plot.Draw(canvas, "Mean predicted probability", "Observed frequency", "");
        canvas.Text(plot.X.At(0.03), plot.Y.At(0.96), "above the diagonal: risk is under-predicted", "start", canvas.Theme.Muted, SvgCanvas.SmallText);
        canvas.Text(plot.X.At(0.97), plot.Y.At(0.04), "below: over-predicted", "end", canvas.Theme.Muted, SvgCanvas.SmallText);
        canvas.Polyline(drawn.Select(b => (plot.X.At(b.Predicted!.Value), plot.Y.At(b.Observed!.Value))), canvas.Theme.Primary, 1.25);
        foreach (var bin in drawn)
        {
            var x = plot.X.At(bin.Predicted!.Value);
            if (bin is { Lower: { } lower, Upper: { } upper })
            {
                Whisker(canvas, x, plot.Y.At(Math.Clamp(lower, 0, 1)), plot.Y.At(Math.Clamp(upper, 0, 1)));
            }

            canvas.Disc(x, plot.Y.At(bin.Observed!.Value), 4.5, canvas.Theme.Primary);
            if (largest > 0)
            {
                var height = (StripHeight - 22) * (bin.Count ?? 0) / largest;
                canvas.Rect(x - 5, SquarePlot.Bottom + StripHeight - 8 - height, 10, height, canvas.Theme.Muted, 0.7);
            }
        }

        if (largest > 0)
        {
            var bottom = SquarePlot.Bottom + StripHeight - 8;
            canvas.GridLine(plot.X.At(0), bottom, plot.X.At(1), bottom);
            canvas.Text(plot.X.At(0) - 8, bottom - 8, "rows", "end", canvas.Theme.Muted, SvgCanvas.SmallText);
            canvas.Text(plot.X.At(1), SquarePlot.Bottom + 8, $"tallest bar: {NumberText.Whole(largest)} rows", "end", canvas.Theme.Muted, SvgCanvas.SmallText);
        }

        return canvas.ToString();
    }

    private static void Whisker(SvgCanvas canvas, double x, double low, double high)
    {
        canvas.Line(x, low, x, high, canvas.Theme.Primary, 1.25);
        canvas.Line(x - 4, low, x + 4, low, canvas.Theme.Primary, 1.25);
        canvas.Line(x - 4, high, x + 4, high, canvas.Theme.Primary, 1.25);
    }

    private sealed record Bin(double? Predicted, double? Observed, double? Lower, double? Upper, double? Count);

    /// <summary>A number of rows is 0 or more and whole.</summary>
    private static double? Rows(double? count) => count is { } c ? Math.Max(0, Math.Round(c)) : null;
}

using Governance.Core.Evidence;
using Governance.Reports.Documents;

namespace Governance.Reports.Charts;

/// <summary>The receiver operating characteristic: true against false positive rate over all thresholds.</summary>
public static class RocChart
{
    /// <param name="roc">Columns <c>fpr</c> and <c>tpr</c>, in the order of the curve.</param>
    /// <param name="auc">Printed beside the curve when given.</param>
    public static string Draw(Table roc, Measure? auc, ChartOptions options)
    {
        var points = roc.Rows.Select(r => (X: roc.Number(r, "fpr"), Y: roc.Number(r, "tpr")))
            .Where(p => p is { X: >= 0 and <= 1, Y: >= 0 and <= 1 })
            .Select(p => (X: p.X!.Value, Y: p.Y!.Value)).ToList();
        if (points.Count < 2)
        {
            return NoData.Draw(options);
        }

        var area = auc is null ? "" : $" {MeasureText.Describe(auc)}.";
        var canvas = new SvgCanvas(options, SquarePlot.Width, SquarePlot.Bottom,
            $"ROC curve through {points.Count} points from (0, 0) to (1, 1); the diagonal is a model without discrimination.{area}");
        var plot = new SquarePlot();
        plot.Draw(canvas, "False positive rate", "True positive rate", "no discrimination");
        var drawn = points.Select(p => (plot.X.At(p.X), plot.Y.At(p.Y))).ToList();
        canvas.Area([.. drawn, (plot.X.At(1), plot.Y.At(0)), (plot.X.At(0), plot.Y.At(0))], canvas.Theme.Primary, 0.08);
        canvas.Polyline(drawn, canvas.Theme.Primary, 2.25);
        if (auc?.Value is not null)
        {
            canvas.Text(plot.X.At(0.97), plot.Y.At(0.13), $"{MeasureText.Name(auc.Name)} {MeasureText.Value(auc)}", "end", canvas.Theme.Primary, 18, strong: true);
            canvas.Text(plot.X.At(0.97), plot.Y.At(0.07), MeasureText.Interval(auc), "end", canvas.Theme.Muted);
        }

        return canvas.ToString();
    }
}

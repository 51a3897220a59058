using Governance.Core.Evidence;
using Governance.Reports.Documents;

namespace Governance.Reports.Charts;

/// <summary>One measure along a rising level with its intervals: performance as noise grows.</summary>
public static class LineChart
{
    private const double Width = 620;
    private const double Left = 66;
    private const double Right = 64;
    private const double Top = 14;
    private const double Bottom = 264;

    /// <param name="table">Column <paramref name="x"/>, column <paramref name="y"/>; optional <c>lower</c> and <c>upper</c>.</param>
    public static string Draw(Table table, Column x, Column y, ChartOptions options)
    {
        var points = table.Rows.Select(r => (X: table.Number(r, x.Name), Y: table.Number(r, y.Name), Lower: table.Number(r, "lower"), Upper: table.Number(r, "upper")))
            .Where(p => p is { X: not null, Y: not null }).OrderBy(p => p.X).ToList();
        if (points.Count == 0)
        {
            return NoData.Draw(options);
        }

        var (first, last) = (points[0], points[^1]);
        var canvas = new SvgCanvas(options, Width, Bottom + 46,
            $"{y.Title} from {NumberText.Number(first.Y!.Value)} at {x.Title} {NumberText.Brief(first.X!.Value)} " +
            $"to {NumberText.Number(last.Y!.Value)} at {NumberText.Brief(last.X!.Value)}.");
        var across = Scale.Nice(points.Select(p => p.X!.Value), Left, Width - Right);
        var up = Scale.Nice(points.SelectMany(p => new[] { p.Y, p.Lower, p.Upper }).OfType<double>(), Bottom, Top);
        foreach (var tick in up.Ticks)
        {
            canvas.GridLine(Left, up.At(tick), Width - Right, up.At(tick));
            canvas.Text(Left - 8, up.At(tick), up.Label(tick), "end", canvas.Theme.Muted, SvgCanvas.SmallText);
        }

        foreach (var tick in across.Ticks)
        {
            canvas.Text(across.At(tick), Bottom + 14, across.Label(tick), "middle", canvas.Theme.Muted, SvgCanvas.SmallText);
        }

        canvas.Text((Left + Width - Right) / 2, Bottom + 34, x.Title, "middle", canvas.Theme.Muted);
        canvas.VerticalText(16, (Top + Bottom) / 2, y.Title);
        if (points.Count > 1)
        {
            canvas.Polyline(points.Select(p => (across.At(p.X!.Value), up.At(p.Y!.Value))), canvas.Theme.Primary, 2);
        }

        foreach (var point in points)
        {
            var at = across.At(point.X!.Value);
            if (point is { Lower: { } lower, Upper: { } upper })
            {
                canvas.Line(at, up.At(lower), at, up.At(upper), canvas.Theme.Primary, 1.25);
            }

            canvas.Disc(at, up.At(point.Y!.Value), 4, canvas.Theme.Primary);
        }

        canvas.Text(across.At(last.X!.Value) + 10, up.At(last.Y!.Value), NumberText.Number(last.Y!.Value), "start", canvas.Theme.Primary, SvgCanvas.NormalText, strong: true);
        return canvas.ToString();
    }
}

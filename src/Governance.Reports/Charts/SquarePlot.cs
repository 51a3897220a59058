namespace Governance.Reports.Charts;

/// <summary>The frame ROC and calibration share: the unit square with grid, ticks, axis titles and its diagonal.</summary>
internal sealed class SquarePlot
{
    public const double Width = 460;
    private const double Left = 56;
    private const double Top = 14;
    private const double Side = 380;

    public Scale X { get; } = Scale.Unit(Left, Left + Side);

    public Scale Y { get; } = Scale.Unit(Top + Side, Top);

    /// <summary>Lower edge of what the frame draws, axis title included.</summary>
    public static double Bottom => Top + Side + 46;

    public void Draw(SvgCanvas canvas, string xTitle, string yTitle, string diagonal)
    {
        foreach (var tick in X.Ticks)
        {
            canvas.GridLine(X.At(tick), Y.At(0), X.At(tick), Y.At(1));
            canvas.GridLine(X.At(0), Y.At(tick), X.At(1), Y.At(tick));
            canvas.Text(X.At(tick), Y.At(0) + 14, X.Label(tick), "middle", canvas.Theme.Muted, SvgCanvas.SmallText);
            canvas.Text(X.At(0) - 8, Y.At(tick), Y.Label(tick), "end", canvas.Theme.Muted, SvgCanvas.SmallText);
        }

        canvas.Line(X.At(0), Y.At(0), X.At(1), Y.At(1), canvas.Theme.Muted, 1, "5 4");
        canvas.Text(X.At(0.60), Y.At(0.55), diagonal, "start", canvas.Theme.Muted, SvgCanvas.SmallText);
        canvas.Text((X.At(0) + X.At(1)) / 2, Y.At(0) + 34, xTitle, "middle", canvas.Theme.Muted);
        canvas.VerticalText(14, (Y.At(0) + Y.At(1)) / 2, yTitle);
    }
}

using System.Globalization;
using System.Text;
using Governance.Reports.Html;

namespace Governance.Reports.Charts;

/// <summary>
/// Writes one accessible SVG element: <c>role="img"</c>, a title, a description, and shapes with presentation attributes only.
/// Every text goes through <see cref="Markup.Escape"/>. Not thread-safe.
/// </summary>
internal sealed class SvgCanvas
{
    public const double SmallText = 11;
    public const double NormalText = 12;

    /// <summary>Drawings at least this wide carry the class <c>chart</c> alone, narrower ones also <c>square</c>, so that type is of one size on a page.</summary>
    private const double WideFrom = 500;

    private readonly StringBuilder svg = new();
    private readonly ChartTheme theme;

    public SvgCanvas(ChartOptions options, double width, double height, string description)
    {
        theme = options.Theme;
        var id = Markup.Identifier(options.Id);
        var font = theme.FontFamily is { } family ? $" font-family=\"{Markup.Escape(family)}\"" : "";
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {N(width)} {N(height)}\" width=\"{N(width)}\" height=\"{N(height)}\"");
        svg.Append(CultureInfo.InvariantCulture, $" class=\"chart{(width < WideFrom ? " square" : "")}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\"{font}>");
        svg.Append(CultureInfo.InvariantCulture, $"<title id=\"{id}-title\">{Markup.Escape(options.Title)}</title>");
        svg.Append(CultureInfo.InvariantCulture, $"<desc id=\"{id}-desc\">{Markup.Escape(description)}</desc>");
    }

    public ChartTheme Theme => theme;

    public void Line(double x1, double y1, double x2, double y2, string stroke, double width = 1, string? dash = null, double opacity = 1) =>
        svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" stroke=\"{stroke}\" stroke-width=\"{N(width)}\"{Dash(dash)}{Opacity("stroke-opacity", opacity)}/>");

    public void GridLine(double x1, double y1, double x2, double y2) => Line(x1, y1, x2, y2, theme.Grid, 1, null, theme.GridOpacity);

    public void Rect(double x, double y, double width, double height, string fill, double opacity = 1) =>
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\" fill=\"{fill}\"{Opacity("fill-opacity", opacity)}/>");

    /// <summary>A filled disc: an ordinary point.</summary>
    public void Disc(double x, double y, double radius, string fill) =>
        svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\" fill=\"{fill}\"/>");

    /// <summary>A hollow diamond: a point beyond its limit, told apart by shape as well as colour.</summary>
    public void Diamond(double x, double y, double radius, string stroke) =>
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{N(x)} {N(y - radius)}L{N(x + radius)} {N(y)}L{N(x)} {N(y + radius)}L{N(x - radius)} {N(y)}Z\" fill=\"{theme.Surface}\" stroke=\"{stroke}\" stroke-width=\"2\"/>");

    public void Polyline(IEnumerable<(double X, double Y)> points, string stroke, double width) =>
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"{Path(points)}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{N(width)}\" stroke-linejoin=\"round\"/>");

    public void Area(IEnumerable<(double X, double Y)> points, string fill, double opacity) =>
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"{Path(points)}Z\" fill=\"{fill}\"{Opacity("fill-opacity", opacity)}/>");

    /// <param name="y">Vertical middle of the text.</param>
    public void Text(double x, double y, string text, string anchor = "start", string? fill = null, double size = NormalText, bool strong = false) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{N(x)}\" y=\"{N(y + (size * 0.35))}\" font-size=\"{N(size)}\" text-anchor=\"{anchor}\" fill=\"{fill ?? theme.Text}\"{(strong ? " font-weight=\"600\"" : "")}>{Markup.Escape(text)}</text>");

    /// <summary>Text that reads upwards, centred on a point: the label of a vertical axis.</summary>
    public void VerticalText(double x, double y, string text) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate({N(x)} {N(y)}) rotate(-90)\" x=\"0\" y=\"0\" font-size=\"{N(NormalText)}\" text-anchor=\"middle\" fill=\"{theme.Muted}\">{Markup.Escape(text)}</text>");

    public override string ToString() => svg.ToString() + "</svg>";

    /// <summary>The text, cut with an ellipsis where it would be wider than the room; widths are estimated from the font size.</summary>
    public static string Fit(string text, double room, double size = NormalText)
    {
        var characters = Math.Max(4, (int)(room / (size * 0.5)));
        return text.Length <= characters ? text : string.Concat(text.AsSpan(0, characters - 1), "…");
    }

    private static string Path(IEnumerable<(double X, double Y)> points) =>
        "M" + string.Join('L', points.Select(p => N(p.X) + " " + N(p.Y)));

    private static string Dash(string? dash) => dash is null ? "" : $" stroke-dasharray=\"{dash}\"";

    private static string Opacity(string name, double opacity) => opacity >= 1 ? "" : $" {name}=\"{N(opacity)}\"";

    private static string N(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);
}

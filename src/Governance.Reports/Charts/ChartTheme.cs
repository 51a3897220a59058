namespace Governance.Reports.Charts;

/// <summary>
/// The colours and font a chart is drawn with, as SVG paint values. Series colours differ in lightness as well as hue, and no chart tells
/// anything by colour alone. Written as presentation attributes, so a content security policy without inline styles does not strip them. Immutable.
/// </summary>
public sealed record ChartTheme
{
    /// <summary>For pages: CSS variables <c>--chart-*</c> of the host's stylesheet, with fallbacks readable on light and dark; text inherits.</summary>
    public static ChartTheme Screen { get; } = new()
    {
        Text = "currentColor",
        Muted = "var(--chart-muted, #7b8794)",
        Grid = "var(--chart-grid, #8c96a1)",
        GridOpacity = 0.35,
        Surface = "var(--chart-surface, #ffffff)",
        Primary = "var(--chart-primary, #3b82c4)",
        Secondary = "var(--chart-secondary, #c2691c)",
        Limit = "var(--chart-limit, #c0437f)",
        FontFamily = null,
    };

    /// <summary>For paper: fixed colours with at least 4.5:1 contrast on white, distinct in grey.</summary>
    public static ChartTheme Print { get; } = new()
    {
        Text = "#1b2733",
        Muted = "#56626e",
        Grid = "#d5dbe1",
        GridOpacity = 1,
        Surface = "#ffffff",
        Primary = "#1d4f82",
        Secondary = "#a8560f",
        Limit = "#9b1c5a",
        FontFamily = "IBM Plex Sans",
    };

    public required string Text { get; init; }

    /// <summary>Axis labels and notes.</summary>
    public required string Muted { get; init; }

    public required string Grid { get; init; }

    public required double GridOpacity { get; init; }

    /// <summary>The background: fills hollow markers.</summary>
    public required string Surface { get; init; }

    public required string Primary { get; init; }

    public required string Secondary { get; init; }

    /// <summary>Threshold lines and what lies beyond them.</summary>
    public required string Limit { get; init; }

    /// <summary>Null inherits the font of the page.</summary>
    public string? FontFamily { get; init; }
}

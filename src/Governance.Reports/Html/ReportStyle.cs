using System.Text.RegularExpressions;

namespace Governance.Reports.Html;

/// <summary>
/// The stylesheet with every <c>url(fonts/…)</c> it names replaced by a data URI, so that a report is one file. Read once. Immutable.
/// </summary>
public sealed partial class ReportStyle
{
    private ReportStyle(string css) => Css = css;

    public string Css { get; }

    /// <param name="folder">The folder <c>reports</c>: <c>styles/report.css</c> and <c>fonts/*.ttf</c>.</param>
    /// <exception cref="FileNotFoundException">The stylesheet or a font it names is not there.</exception>
    public static ReportStyle Load(string folder)
    {
        var css = File.ReadAllText(Path.Combine(folder, "styles", "report.css"));
        return new ReportStyle(FontUrl().Replace(css, match =>
        {
            var font = Path.Combine(folder, "fonts", match.Groups["file"].Value);
            return $"url(data:font/ttf;base64,{Convert.ToBase64String(File.ReadAllBytes(font))})";
        }));
    }

    [GeneratedRegex(@"url\(fonts/(?<file>[A-Za-z0-9_-]+\.ttf)\)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FontUrl();
}

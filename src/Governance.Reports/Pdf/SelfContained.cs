using System.Text.RegularExpressions;

namespace Governance.Reports.Pdf;

/// <summary>
/// Refuses HTML that could make an engine read a file or open a connection. Our renderer writes none; this is the second lock on the same door.
/// Looks at attributes and styles only: a text may say anything.
/// </summary>
internal static partial class SelfContained
{
    private static readonly HashSet<string> References = new(StringComparer.OrdinalIgnoreCase)
    {
        "href", "xlink:href", "src", "srcset", "data", "poster", "action", "formaction", "background", "cite", "longdesc",
    };

    /// <summary>The first reference to something outside the document, or null.</summary>
    public static string? FirstOutsideReference(string html)
    {
        foreach (var tag in Tag().EnumerateMatches(html))
        {
            foreach (Match attribute in Attribute().Matches(html.Substring(tag.Index, tag.Length)))
            {
                var (name, value) = (attribute.Groups["name"].Value, attribute.Groups["value"].Value.Trim('"', '\''));
                if ((References.Contains(name) && !IsInside(value)) || (name.Equals("style", StringComparison.OrdinalIgnoreCase) && StyleRefersOutside(value)))
                {
                    return attribute.Value.Trim();
                }
            }
        }

        return StyleElement().Matches(html).Select(m => m.Groups["css"].Value).Any(StyleRefersOutside) ? "style" : null;
    }

    private static bool StyleRefersOutside(string css) => StyleUrl().Matches(css).Any(m => !IsInside(m.Groups["target"].Value.Trim('"', '\'')));

    private static bool IsInside(string target) => target.StartsWith('#') || target.StartsWith("data:", StringComparison.OrdinalIgnoreCase);

    // Escaped text holds no '<', escaped attributes no '>' or quote.
    [GeneratedRegex("<[A-Za-z][^>]*>", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Tag();

    [GeneratedRegex("""(?<name>[A-Za-z:-]+)\s*=\s*(?<value>"[^"]*"|'[^']*'|[^\s"'>]+)""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Attribute();

    [GeneratedRegex("<style[^>]*>(?<css>.*?)</style>", RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex StyleElement();

    [GeneratedRegex("""(?:url\(|@import\s)\s*(?<target>[^)\s;]{0,64})""", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex StyleUrl();
}

using System.Text.RegularExpressions;

namespace Governance.Reports.Pdf;

/// <summary>
/// Refuses HTML that could make an engine read a file or open a connection. Our renderer writes none; this is the second lock on the same door.
/// </summary>
internal static partial class SelfContained
{
    /// <summary>The first reference to something outside the document, or null.</summary>
    public static string? FirstOutsideReference(string html)
    {
        foreach (var tag in Tag().EnumerateMatches(html))
        {
            foreach (Match reference in Reference().Matches(html.Substring(tag.Index, tag.Length)))
            {
                if (!IsInside(reference.Groups["target"].Value))
                {
                    return reference.Value;
                }
            }
        }

        foreach (Match url in StyleUrl().Matches(html))
        {
            if (!IsInside(url.Groups["target"].Value.Trim('"', '\'', ' ')))
            {
                return url.Value;
            }
        }

        return null;
    }

    private static bool IsInside(string target) => target.StartsWith('#') || target.StartsWith("data:", StringComparison.OrdinalIgnoreCase);

    // Text is escaped, so a tag is all that starts with '<'; attribute values hold no '<' or '>'.
    [GeneratedRegex("<[A-Za-z][^>]*>", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Tag();

    [GeneratedRegex("""\s(?:xlink:)?(?:href|src|srcset|data|poster|action|background|cite)\s*=\s*["']?(?<target>[^"'\s>]*)""", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Reference();

    [GeneratedRegex("""(?:url\(|@import\s)\s*(?<target>[^)\s;]{0,64})""", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex StyleUrl();
}

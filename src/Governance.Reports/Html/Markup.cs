using System.Text;

namespace Governance.Reports.Html;

/// <summary>
/// The one way text enters HTML or SVG. Escapes the five markup characters and replaces what would corrupt a document or deceive its reader:
/// control characters, unpaired surrogates and bidirectional overrides become U+FFFD.
/// </summary>
public static class Markup
{
    /// <summary>Safe in element content and in double-quoted attributes.</summary>
    public static string Escape(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var safe = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => safe.Append("&amp;"),
                '<' => safe.Append("&lt;"),
                '>' => safe.Append("&gt;"),
                '"' => safe.Append("&quot;"),
                '\'' => safe.Append("&#39;"),
                _ when IsUnsafe(rune) => safe.Append('\uFFFD'),
                _ => safe.Append(rune.ToString()),
            };
        }

        return safe.ToString();
    }

    /// <summary>An element id: letters, digits, <c>-</c>, <c>_</c> and <c>.</c> are kept, anything else becomes <c>-</c>.</summary>
    public static string Identifier(string text) =>
        string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));

    /// <summary>Whether the text holds a letter of a right-to-left script and so needs isolating from what surrounds it.</summary>
    public static bool HasRightToLeft(string text) =>
        text.Any(c => c is >= '\u0590' and <= '\u08FF' or >= '\uFB1D' and <= '\uFDFF' or >= '\uFE70' and <= '\uFEFC');

    private static bool IsUnsafe(Rune rune) => rune.Value
        is < 0x20 and not ('\t' or '\n') or (>= 0x7F and <= 0x9F)
        or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x2028 or 0x2029
        or 0xFEFF or 0xFFFE or 0xFFFF;
}

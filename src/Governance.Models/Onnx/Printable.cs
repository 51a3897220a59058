using System.Text;

namespace Governance.Models.Onnx;

/// <summary>Text from a hostile file, made fit for a message: shortened, control and direction characters replaced.</summary>
internal static class Printable
{
    public static string Quote(string text, int maxCharacters = 60)
    {
        var shown = new StringBuilder("'");
        foreach (var rune in text.EnumerateRunes().Take(maxCharacters))
        {
            shown.Append(IsPlain(rune) ? rune.ToString() : "?");
        }

        return shown.Append(text.Length > maxCharacters ? "…'" : "'").ToString();
    }

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        System.Globalization.UnicodeCategory.Control or
        System.Globalization.UnicodeCategory.Format or
        System.Globalization.UnicodeCategory.Surrogate or
        System.Globalization.UnicodeCategory.PrivateUse or
        System.Globalization.UnicodeCategory.OtherNotAssigned or
        System.Globalization.UnicodeCategory.LineSeparator or
        System.Globalization.UnicodeCategory.ParagraphSeparator);
}

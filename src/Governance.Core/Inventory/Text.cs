using System.Text;

namespace Governance.Core.Inventory;

/// <summary>Bounds on what people write: well-formed text of limited length without control characters.</summary>
public static class Text
{
    /// <summary>One non-blank line of at most <paramref name="longest"/> characters.</summary>
    public static bool IsLine(string? text, int longest) => IsProse(text, longest) && !text!.AsSpan().ContainsAny('\n', '\r');

    /// <summary>Non-blank text, line breaks allowed.</summary>
    public static bool IsProse(string? text, int longest) =>
        !string.IsNullOrWhiteSpace(text)
        && text.Length <= longest
        && text.EnumerateRunes().All(r => !Rune.IsControl(r) || r.Value is '\n' or '\r' or '\t')
        && !text.Contains('\uFFFD', StringComparison.Ordinal);
}

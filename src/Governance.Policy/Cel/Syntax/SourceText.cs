using System.Text;

namespace Governance.Policy.Cel;

/// <summary>A place in a source: line and column count from 1, columns in code points.</summary>
public readonly record struct CelPosition(int Line, int Column);

/// <summary>The text of one expression, with the file and place it was read from. Immutable.</summary>
/// <param name="Text">The expression.</param>
/// <param name="Name">File name for messages.</param>
/// <param name="Line">Line in the file on which the text starts, from 1.</param>
/// <param name="Column">Column in the file at which each line of the text starts, from 1.</param>
public sealed record CelSource(string Text, string Name = "<expression>", int Line = 1, int Column = 1)
{
    /// <summary>Whether <see cref="Column"/> holds for every line (a YAML block) or only for the first (an inline value).</summary>
    public bool Indented { get; init; }

    public CelPosition PositionOf(int offset)
    {
        var before = Text.AsSpan(0, Math.Clamp(offset, 0, Text.Length));
        var lines = before.Count('\n');
        var column = CelText.CountCodePoints(before[(before.LastIndexOf('\n') + 1)..].ToString());
        return new CelPosition(Line + lines, column + (lines == 0 || Indented ? Column : 1));
    }

    /// <summary>The line an offset is on, and a caret under the offset.</summary>
    public string Snippet(int offset)
    {
        offset = Math.Clamp(offset, 0, Text.Length);
        var start = offset == 0 ? 0 : Text.LastIndexOf('\n', offset - 1) + 1;
        var end = Text.IndexOf('\n', offset);
        var line = Text[start..(end < 0 ? Text.Length : end)].Replace('\t', ' ').TrimEnd('\r');
        var indent = CelText.CountCodePoints(Text[start..offset]);
        return new StringBuilder(" | ").Append(line).Append("\n | ").Append(' ', indent).Append('^').ToString();
    }
}

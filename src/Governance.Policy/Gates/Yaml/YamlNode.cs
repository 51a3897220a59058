using Governance.Policy.Cel;

namespace Governance.Policy.Gates.Yaml;

/// <summary>A node of a YAML document with the place it was read from. Immutable.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
internal abstract record YamlNode(int Line, int Column);

/// <param name="Block">Written as a block after <c>|</c> or <c>&gt;</c>.</param>
/// <param name="Quoted">Written in quotes or as a block, and so always a text.</param>
internal sealed record YamlScalar(int Line, int Column, string Text, bool Block, bool Quoted) : YamlNode(Line, Column);

internal sealed record YamlSequence(int Line, int Column, IReadOnlyList<YamlNode> Items) : YamlNode(Line, Column);

internal sealed record YamlMapping(int Line, int Column, IReadOnlyList<KeyValuePair<YamlScalar, YamlNode>> Members) : YamlNode(Line, Column);

/// <summary>A file's text with the name it is known by in messages.</summary>
internal sealed record YamlSource(string Name, string Text)
{
    private readonly string[] lines = Text.Split('\n');

    public CelIssue Issue(YamlNode at, string message) => Issue(at.Line, at.Column, message);

    public CelIssue Issue(int line, int column, string message)
    {
        var text = line >= 1 && line <= lines.Length ? lines[line - 1].TrimEnd('\r').Replace('\t', ' ') : "";
        return new CelIssue(Name, line, column, message, $" | {text}\n | {new string(' ', Math.Clamp(column - 1, 0, 200))}^");
    }

    /// <summary>An expression's issue with the line of this file, where the place lies on it; folded text keeps its own snippet.</summary>
    public CelIssue InFile(CelIssue issue) =>
        issue.Line >= 1 && issue.Line <= lines.Length && issue.Column <= lines[issue.Line - 1].Length + 1
            ? Issue(issue.Line, issue.Column, issue.Message)
            : issue;

    /// <summary>A scalar as an expression, so that its errors point into this file.</summary>
    public CelSource Expression(YamlScalar scalar)
    {
        if (!scalar.Block)
        {
            return new CelSource(scalar.Text, Name, scalar.Line, scalar.Column + (scalar.Quoted ? 1 : 0));
        }

        var first = scalar.Line;
        while (first < lines.Length && string.IsNullOrWhiteSpace(lines[first]))
        {
            first++;
        }

        var indent = first < lines.Length ? lines[first].Length - lines[first].TrimStart(' ').Length : 0;
        return new CelSource(scalar.Text, Name, first + 1, indent + 1) { Indented = true };
    }
}

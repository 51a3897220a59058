using System.Collections;

namespace Governance.Policy.Cel;

/// <summary>One thing wrong with a source: where, what, and what was expected. Immutable.</summary>
/// <param name="File">File or source name.</param>
/// <param name="Message">One sentence; names what was expected and the nearest name where there is one.</param>
/// <param name="Snippet">The source line and a caret; empty when there is none.</param>
public sealed record CelIssue(string File, int Line, int Column, string Message, string Snippet)
{
    internal static CelIssue At(CelSource source, int offset, string message)
    {
        var position = source.PositionOf(offset);
        return new CelIssue(source.Name, position.Line, position.Column, message, source.Snippet(offset));
    }

    public override string ToString() => $"ERROR: {File}:{Line}:{Column}: {Message}" + (Snippet.Length > 0 ? "\n" + Snippet : "");
}

/// <summary>All that is wrong with a source, in source order, at most <see cref="Limit"/>. Immutable.</summary>
public sealed class CelIssues(IEnumerable<CelIssue> issues) : IReadOnlyList<CelIssue>
{
    public const int Limit = 100;
    private readonly CelIssue[] issues = [.. issues.OrderBy(i => i.Line).ThenBy(i => i.Column).Take(Limit)];

    public int Count => issues.Length;

    public CelIssue this[int index] => issues[index];

    public IEnumerator<CelIssue> GetEnumerator() => ((IEnumerable<CelIssue>)issues).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join('\n', issues.Select(i => i.ToString()));
}

/// <summary>Thrown inside the parser to leave it; never leaves the façade.</summary>
internal sealed class CelSyntaxException(int offset, string message) : Exception(message)
{
    public int Offset { get; } = offset;
}

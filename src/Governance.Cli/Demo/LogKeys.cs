using Governance.Ledger;

namespace Governance.Cli.Demo;

/// <summary>Reads a log's <c>keys</c> file: one verifier key a line.</summary>
internal static class LogKeys
{
    public static IReadOnlyList<NoteVerifier> Parse(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(NoteVerifier.Parse)];
}

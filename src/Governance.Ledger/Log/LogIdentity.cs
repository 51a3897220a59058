using System.Text;

namespace Governance.Ledger;

/// <summary>The files <c>origin</c> and <c>keys</c>: which log a folder is, and every key that ever signed it, oldest first.</summary>
internal static class LogIdentity
{
    private const int MaximumLength = 64 * 1024;

    /// <summary>Writes the identity of a new log, checks that of an existing one, and adds signers that are new. Returns all keys of the log.</summary>
    public static IReadOnlyList<NoteVerifier> Establish(IFileLayer files, string folder, IReadOnlyList<INoteSigner> signers)
    {
        var origin = signers[0].Verifier.Name;
        var stored = ReadOrigin(files, folder);
        if (stored is not null && !string.Equals(stored, origin, StringComparison.Ordinal))
        {
            throw Damaged(LedgerPaths.Origin, $"The folder holds the log {stored}, not {origin}.");
        }

        var keys = ReadKeys(files, folder);
        var added = signers.Select(s => s.Verifier).Where(v => !keys.Any(k => Same(k, v))).ToList();
        if (keys.Count > 0 && added.Count == signers.Count)
        {
            throw Damaged(LedgerPaths.Keys, "None of the signing keys belongs to this log. To rotate, sign with the old and the new key once.");
        }

        if (added.Count > 0)
        {
            keys = [.. keys, .. added];
            AtomicFile.Write(files, Path.Combine(folder, LedgerPaths.Keys), Encoding.UTF8.GetBytes(string.Concat(keys.Select(k => k + "\n"))));
        }

        if (stored is null)
        {
            AtomicFile.Write(files, Path.Combine(folder, LedgerPaths.Origin), Encoding.UTF8.GetBytes(origin + "\n"));
        }

        return keys;
    }

    /// <summary>The origin a folder claims; null when it claims none.</summary>
    public static string? ReadOrigin(IFileLayer files, string folder) =>
        AtomicFile.Read(files, Path.Combine(folder, LedgerPaths.Origin), MaximumLength) is { } bytes ? Encoding.UTF8.GetString(bytes).TrimEnd('\n') : null;

    /// <summary>The keys a folder claims; empty when it claims none.</summary>
    /// <exception cref="LedgerDamagedException">A line is not a key.</exception>
    public static IReadOnlyList<NoteVerifier> ReadKeys(IFileLayer files, string folder)
    {
        var bytes = AtomicFile.Read(files, Path.Combine(folder, LedgerPaths.Keys), MaximumLength) ?? [];
        try
        {
            return [.. Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(NoteVerifier.Parse)];
        }
        catch (FormatException e)
        {
            throw Damaged(LedgerPaths.Keys, e.Message);
        }
    }

    private static bool Same(NoteVerifier a, NoteVerifier b) => string.Equals(a.ToString(), b.ToString(), StringComparison.Ordinal);

    private static LedgerDamagedException Damaged(string file, string message) =>
        new(new LedgerFinding(LedgerFault.SignatureInvalid, file, message));
}

using System.Globalization;

namespace Governance.Ledger;

/// <summary>
/// The state of a log at one size (C2SP tlog-checkpoint): origin, number of entries, root. No extension lines are written or accepted.
/// Immutable.
/// </summary>
/// <param name="Origin">Names the log; equal to the name of the key that signs.</param>
public sealed record Checkpoint(string Origin, long Size, MerkleHash Root)
{
    /// <summary>The text that is signed: three lines.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Root.ToBase64()}\n");

    public SignedNote Sign(params IReadOnlyList<INoteSigner> signers) => SignedNote.Sign(ToString(), signers);

    /// <summary>Reads the three lines; null for anything else.</summary>
    public static Checkpoint? Parse(string text)
    {
        var lines = text.Split('\n');
        return lines.Length == 4
            && lines[0].Length > 0
            && lines[3].Length == 0
            && TryParseNumber(lines[1], out var size)
            && MerkleHash.TryParseBase64(lines[2], out var root)
                ? new Checkpoint(lines[0], size, root)
                : null;
    }

    /// <summary>Reads a signed checkpoint and verifies it. False, with a reason, unless one of <paramref name="known"/> signed it for <paramref name="origin"/>.</summary>
    public static bool TryVerify(
        ReadOnlySpan<byte> note, string origin, IReadOnlyList<NoteVerifier> known, out Checkpoint checkpoint, out string error)
    {
        checkpoint = new Checkpoint(origin, 0, MerkleTree.EmptyRoot);
        if (!SignedNote.TryParse(note, out var signed, out error))
        {
            return false;
        }

        if (Parse(signed.Text) is not { } parsed)
        {
            error = "The note is not a checkpoint: origin, size, root.";
            return false;
        }

        if (!string.Equals(parsed.Origin, origin, StringComparison.Ordinal))
        {
            error = $"The checkpoint is of the log {parsed.Origin}, not of {origin}.";
            return false;
        }

        NoteVerifier[] keys = [.. known.Where(k => string.Equals(k.Name, origin, StringComparison.Ordinal) && k.Type != NoteKeyType.Ed25519Cosignature)];
        if (!signed.Verify(keys, out _))
        {
            error = "No known key of the log signed the checkpoint, or a signature does not verify."
                + string.Concat(keys.Select(k => k.Unsupported).OfType<string>().Distinct(StringComparer.Ordinal).Select(u => " " + u));
            return false;
        }

        checkpoint = parsed;
        return true;
    }

    /// <summary>Decimal digits without leading zeroes, as C2SP writes numbers.</summary>
    internal static bool TryParseNumber(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
        && (text.Length == 1 || text[0] != '0');
}

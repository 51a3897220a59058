using System.Globalization;
using System.Text;

namespace Governance.Ledger;

/// <summary>
/// Proof, checkable offline, that an entry is in a log (C2SP tlog-proof v1): index, inclusion proof and signed checkpoint. Immutable.
/// </summary>
/// <param name="Extra">Opaque bytes for the application; not authenticated. Empty when absent.</param>
public sealed record InclusionReceipt(long Index, IReadOnlyList<MerkleHash> Proof, SignedNote Checkpoint, ReadOnlyMemory<byte> Extra)
{
    private const string Header = "c2sp.org/tlog-proof@v1";
    private const int MaximumLength = SignedNote.MaximumLength + 128 * 1024;

    /// <summary>Reads a receipt. False, with a reason, for anything else; nothing is verified yet.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out InclusionReceipt receipt, out string error)
    {
        receipt = new InclusionReceipt(0, [], new SignedNote("", []), default);
        error = "The receipt is not a c2sp.org/tlog-proof@v1 text.";
        if (bytes.Length > MaximumLength || bytes.IndexOf("\n\n"u8) is var split && split < 0)
        {
            return false;
        }

        var lines = Encoding.UTF8.GetString(bytes[..split]).Split('\n');
        var next = 1;
        if (lines.Length < 2 || !string.Equals(lines[0], Header, StringComparison.Ordinal))
        {
            return false;
        }

        byte[] extra = [];
        if (lines[next].StartsWith("extra ", StringComparison.Ordinal))
        {
            var encoded = lines[next++]["extra ".Length..];
            extra = new byte[encoded.Length];
            if (!Convert.TryFromBase64String(encoded, extra, out var length) || next == lines.Length)
            {
                return false;
            }

            extra = extra[..length];
        }

        if (!lines[next].StartsWith("index ", StringComparison.Ordinal)
            || !Ledger.Checkpoint.TryParseNumber(lines[next]["index ".Length..], out var index)
            || lines.Length - next > 64)
        {
            return false;
        }

        var proof = new List<MerkleHash>();
        foreach (var line in lines[(next + 1)..])
        {
            if (!MerkleHash.TryParseBase64(line, out var hash))
            {
                return false;
            }

            proof.Add(hash);
        }

        if (!SignedNote.TryParse(bytes[(split + 2)..], out var note, out error))
        {
            return false;
        }

        receipt = new InclusionReceipt(index, proof, note, extra);
        return true;
    }

    /// <summary>
    /// True when one of <paramref name="known"/> signed, for <paramref name="origin"/>, a checkpoint whose tree holds <paramref name="entry"/>
    /// at <see cref="Index"/>.
    /// </summary>
    public bool Verify(ReadOnlySpan<byte> entry, string origin, IReadOnlyList<NoteVerifier> known, out string error)
    {
        if (!Ledger.Checkpoint.TryVerify(Checkpoint.ToBytes(), origin, known, out var checkpoint, out error))
        {
            return false;
        }

        var holds = MerkleTree.VerifyInclusion((ulong)Index, (ulong)checkpoint.Size, MerkleTree.LeafHash(entry), Proof, checkpoint.Root);
        error = holds ? "" : "The entry is not at this index of the signed tree.";
        return holds;
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToString());

    public override string ToString()
    {
        var text = new StringBuilder(Header).Append('\n');
        if (!Extra.IsEmpty)
        {
            text.Append("extra ").Append(Convert.ToBase64String(Extra.Span)).Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"index {Index}\n");
        foreach (var hash in Proof)
        {
            text.Append(hash.ToBase64()).Append('\n');
        }

        return text.Append('\n').Append(Checkpoint).ToString();
    }
}

using System.Globalization;
using System.Text;

namespace Governance.Ledger;

/// <summary>The body of the call <c>add-checkpoint</c> (C2SP tlog-witness). Immutable.</summary>
/// <param name="OldSize">Size of the checkpoint the witness cosigned last; 0 for none.</param>
/// <param name="Proof">Consistency proof from there; at most 63 hashes.</param>
/// <param name="Checkpoint">Signed by the log; may carry other signatures.</param>
public sealed record AddCheckpointRequest(long OldSize, IReadOnlyList<MerkleHash> Proof, SignedNote Checkpoint)
{
    /// <summary>Longest body read, in bytes.</summary>
    public const int MaximumLength = SignedNote.MaximumLength + 4096;

    private const int MaximumProof = 63;
    private const string Old = "old ";

    /// <summary>Reads a body. False, with a reason, for anything that is not exactly one; nothing is verified yet.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out AddCheckpointRequest request, out string error)
    {
        request = new AddCheckpointRequest(0, [], new SignedNote("", []));
        error = "The body is not an old size, a proof, an empty line and a checkpoint.";
        if (bytes.Length > MaximumLength || bytes.IndexOf("\n\n"u8) is var split && split < 0)
        {
            return false;
        }

        var lines = Encoding.UTF8.GetString(bytes[..split]).Split('\n');
        if (!lines[0].StartsWith(Old, StringComparison.Ordinal)
            || !Ledger.Checkpoint.TryParseNumber(lines[0][Old.Length..], out var oldSize)
            || lines.Length - 1 > MaximumProof)
        {
            return false;
        }

        var proof = new List<MerkleHash>(lines.Length - 1);
        foreach (var line in lines.AsSpan(1))
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

        request = new AddCheckpointRequest(oldSize, proof, note);
        return true;
    }

    public byte[] ToBytes()
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{Old}{OldSize}\n"));
        foreach (var hash in Proof)
        {
            text.Append(hash.ToBase64()).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.Append('\n').Append(Checkpoint).ToString());
    }
}

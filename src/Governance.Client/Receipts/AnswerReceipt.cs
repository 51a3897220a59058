using System.Text;
using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Ledger;

namespace Governance.Client.Receipts;

/// <summary>
/// The receipt of an answer: which entries of which log its rows are, by their hashes. With a proof of each and the log's public key, got once and kept, it
/// shows without the gateway that the answer is in the log. Immutable.
/// </summary>
/// <param name="First">Index of the first row's entry; the others follow.</param>
/// <param name="Leaves">RFC 6962 leaf hash of each row's entry.</param>
public sealed record AnswerReceipt(string Log, long First, IReadOnlyList<MerkleHash> Leaves)
{
    /// <summary>The receipt an answer carries; null for one that was recorded after it was given (audit mode <c>async-bounded</c>), whose index was not known yet.</summary>
    /// <exception cref="FormatException">The answer states a receipt that is none.</exception>
    public static AnswerReceipt? Of(InferResponse answer)
    {
        var said = answer.Parameters;
        if (said["audit_index"] is not { } first)
        {
            return null;
        }

        try
        {
            return said["audit_log"] is { } log && said["receipt"] is JsonArray leaves && leaves.All(l => l is not null)
                ? new AnswerReceipt(log.GetValue<string>(), first.GetValue<long>(), [.. leaves.Select(l => new MerkleHash(Convert.FromHexString(l!.GetValue<string>())))])
                : throw new FormatException("The answer has an index and no receipt.");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new FormatException("The answer's receipt is not of the form this client knows.", e);
        }
    }

    /// <summary>The public keys of a log, from the text the gateway publishes: get them once, over a channel you trust, and keep them.</summary>
    /// <exception cref="FormatException">A line is no key.</exception>
    public static IReadOnlyList<NoteVerifier> Keys(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(NoteVerifier.Parse)];

    /// <summary>Whether a proof shows that a row of the answer is in the log. Offline: asks nobody.</summary>
    /// <param name="row">From 0.</param>
    /// <param name="proof">A c2sp.org/tlog-proof.</param>
    /// <param name="keys">The log's own, kept since earlier.</param>
    /// <param name="error">What does not hold; empty when it does.</param>
    public bool Verify(int row, string proof, IReadOnlyList<NoteVerifier> keys, out string error)
    {
        if (!InclusionReceipt.TryParse(Encoding.UTF8.GetBytes(proof), out var receipt, out error))
        {
            return false;
        }

        if (receipt.Index != First + row)
        {
            error = "The proof is about another entry.";
            return false;
        }

        if (!Checkpoint.TryVerify(receipt.Checkpoint.ToBytes(), keys[0].Name, keys, out var checkpoint, out error))
        {
            return false;
        }

        var holds = MerkleTree.VerifyInclusion((ulong)receipt.Index, (ulong)checkpoint.Size, Leaves[row], receipt.Proof, checkpoint.Root);
        error = holds ? "" : "The proof does not lead from the answer's entry to the signed root.";
        return holds;
    }
}

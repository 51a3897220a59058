using System.Text;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Ledger;

namespace Governance.Cli.Demo;

/// <summary>Fetches the proof of an inference entry and checks it in this process.</summary>
internal static class Receipts
{
    public const string Log = "inference";

    /// <param name="LeafHash">Hash of the entry that the proof is about, hexadecimal.</param>
    public sealed record Verified(string LeafHash, Checkpoint Checkpoint, InclusionReceipt Receipt, IReadOnlyList<NoteVerifier> Keys);

    /// <exception cref="TourException">The proof does not hold.</exception>
    public static async Task<Verified> VerifyAsync(TourContext tour, long index, CancellationToken cancellationToken)
    {
        var client = tour.As(Personas.Auditor);
        var entry = await EntryAsync(client, index, cancellationToken);
        var text = await ProofAsync(client, index, cancellationToken);
        TourContext.Require(InclusionReceipt.TryParse(Encoding.UTF8.GetBytes(text), out var receipt, out var fault), "the proof is a tlog-proof: " + fault);
        TourContext.Require(receipt.Index == index, "the proof is about the entry of the receipt");

        var keys = LogKeys.Parse(await client.GetLogKeysAsync(Log, cancellationToken));
        TourContext.Require(
            Checkpoint.TryVerify(receipt.Checkpoint.ToBytes(), keys[0].Name, keys, out var checkpoint, out fault), "the checkpoint is signed by the log's key: " + fault);
        TourContext.Require(Holds(receipt, entry.LeafHash, checkpoint), "the entry is in the signed tree");
        return new Verified(entry.LeafHash, checkpoint, receipt, keys);
    }

    /// <summary>Whether the proof leads from this leaf to the signed root.</summary>
    public static bool Holds(InclusionReceipt receipt, string leafHash, Checkpoint checkpoint) => MerkleTree.VerifyInclusion(
        (ulong)receipt.Index, (ulong)checkpoint.Size, new MerkleHash(Convert.FromHexString(leafHash)), receipt.Proof, checkpoint.Root);

    private static async Task<LogEntry> EntryAsync(GovernanceClient client, long index, CancellationToken cancellationToken)
    {
        await foreach (var entry in Pages.AllAsync((page, token) => client.ListEntriesAsync(Log, page, newestFirst: true, token), cancellationToken))
        {
            if (entry.Index == index)
            {
                return entry;
            }
        }

        throw new TourException($"Expected: entry {index} is in the inference log.");
    }

    /// <summary>A checkpoint covers a new entry within about a second.</summary>
    private static async Task<string> ProofAsync(GovernanceClient client, long index, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await client.GetProofAsync(Log, index, cancellationToken);
            }
            catch (GovernanceException e) when (e.Code == "not-yet-checkpointed" && attempt < 20)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), cancellationToken);
            }
        }
    }
}

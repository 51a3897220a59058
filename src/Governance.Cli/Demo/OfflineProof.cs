using Governance.Cli.Verification;
using Governance.Ledger;

namespace Governance.Cli.Demo;

/// <summary>Copies the logs' folders, verifies the copies with nothing but the public key, then flips one byte and finds it.</summary>
internal static class OfflineProof
{
    public static async Task RunAsync(TourContext tour, string dataFolder, Receipts.Verified proof, CancellationToken cancellationToken)
    {
        foreach (var log in await tour.As(Personas.Auditor).ListLogsAsync(cancellationToken))
        {
            var keys = LogKeys.Parse(await tour.As(Personas.Auditor).GetLogKeysAsync(log.Name, cancellationToken));
            var copy = tour.Folder.File(Path.Combine("ledger", log.Name));
            LogCopy.Make(Path.Combine(dataFolder, "ledger", log.Name), copy, cancellationToken);
            var report = LedgerVerifier.Fsck(copy, Request(copy, log.Name, keys, proof), cancellationToken);
            TourContext.Require(report.IsSound, $"the copied {log.Name} log verifies: {string.Join("; ", report.Findings)}");
            tour.Say($"Copied {log.Name} log: {report.EntriesRead} entries rehashed offline, root {report.Checkpoint!.Root.ToString()[..16]}..., signature good{(log.Name == Receipts.Log ? ", and the receipt holds in it" : "")}.");
        }

        Tamper(tour, proof, cancellationToken);
    }

    private static VerificationRequest Request(string copy, string log, IReadOnlyList<NoteVerifier> keys, Receipts.Verified proof)
    {
        if (log != Receipts.Log)
        {
            return new VerificationRequest { Keys = keys };
        }

        using var reader = LedgerReader.Open(copy);
        var entry = reader.Read(proof.Receipt.Index);
        TourContext.Require(MerkleTree.LeafHash(entry).ToString() == proof.LeafHash, "the copied entry is the one of the receipt");
        return new VerificationRequest { Keys = keys, Receipts = [(proof.Receipt.ToBytes(), entry)] };
    }

    private static void Tamper(TourContext tour, Receipts.Verified proof, CancellationToken cancellationToken)
    {
        var tampered = tour.Folder.File(Path.Combine("ledger", "tampered"));
        LogCopy.Make(tour.Folder.File(Path.Combine("ledger", Receipts.Log)), tampered, cancellationToken);
        var segment = Directory.EnumerateFiles(Path.Combine(tampered, "segments"), "*.seg").Order(StringComparer.Ordinal).First();
        var bytes = File.ReadAllBytes(segment);
        // In the middle of the entries; behind them a log that is written holds zeros.
        var at = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) / 2;
        bytes[at] ^= 1;
        File.WriteAllBytes(segment, bytes);
        var report = LedgerVerifier.Fsck(tampered, new VerificationRequest { Keys = proof.Keys }, cancellationToken);
        TourContext.Require(!report.IsSound, "a changed byte is found");
        var finding = report.Findings[0];
        TourContext.Require(finding.File == "segments/" + Path.GetFileName(segment), "the changed byte is found in the file where it is");
        tour.Say($"Then one bit of byte {at} of {finding.File} is flipped in another copy. Found: {finding}");
        tour.Prove($"The whole log and the receipt verify offline from a copied folder; one flipped bit is found and located.");
    }
}

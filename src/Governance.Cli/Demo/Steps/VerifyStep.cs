using Governance.Ledger;

namespace Governance.Cli.Demo.Steps;

/// <summary>Prove the log and the receipt without trusting the gateway; then change one byte and see that it is found.</summary>
internal sealed class VerifyStep : ITourStep
{
    public string Title => "Prove the log and the receipt offline; find a changed byte";

    public async Task RunAsync(TourContext tour, CancellationToken cancellationToken)
    {
        var index = tour.Facts.DecisionIndex!.Value;
        var proof = await Receipts.VerifyAsync(tour, index, cancellationToken);
        TourContext.Require(proof.LeafHash == tour.Facts.Receipt, "the receipt the application got is the leaf hash of the entry");
        var path = tour.Folder.File("receipt.tlog-proof");
        await File.WriteAllBytesAsync(path, proof.Receipt.ToBytes(), cancellationToken);
        tour.Remember(facts => facts with
        {
            Artefacts = [.. facts.Artefacts.Where(a => a.File != path), new Artefact("Receipt", path, new FileInfo(path).Length)],
        });
        tour.Say($"The receipt of entry {index}: {proof.Receipt.Proof.Count} hashes lead from its leaf to the signed root of {proof.Checkpoint.Size} entries. Checked in this process with the log's public key.");
        if (tour.DataFolder is { } data)
        {
            await OfflineProof.RunAsync(tour, data, proof, cancellationToken);
        }
        else
        {
            await OnlineAsync(tour, proof, cancellationToken);
        }
    }

    /// <summary>Without the log's folder at hand: the gateway verifies its own files, and the receipt is what is tampered with.</summary>
    private static async Task OnlineAsync(TourContext tour, Receipts.Verified proof, CancellationToken cancellationToken)
    {
        foreach (var log in await tour.As(Personas.Auditor).ListLogsAsync(cancellationToken))
        {
            var verdict = await tour.As(Personas.Auditor).VerifyLogAsync(log.Name, cancellationToken);
            TourContext.Require(verdict.Verified, $"the {log.Name} log verifies: {string.Join("; ", verdict.Findings)}");
            tour.Say($"The gateway verifies its {log.Name} log from the first entry: {verdict.Size} entries in {verdict.Milliseconds:0} ms.");
        }

        var flipped = Convert.FromHexString(proof.LeafHash);
        flipped[0] ^= 1;
        TourContext.Require(!Receipts.Holds(proof.Receipt, Convert.ToHexStringLower(flipped), proof.Checkpoint), "an entry with one changed bit does not verify");
        tour.Say($"With one bit of the entry's hash changed, the proof fails. (Give --data DIR to copy the log itself and verify it offline.)");
        tour.Prove($"The receipt verifies in this process; a changed bit does not.");
    }
}

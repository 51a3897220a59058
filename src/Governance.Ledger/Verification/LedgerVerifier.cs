namespace Governance.Ledger;

/// <summary>Where the keys came from that a verification relied on.</summary>
public enum KeySource
{
    /// <summary>Given by whoever verifies: the verdict is about the log they trust.</summary>
    Given,

    /// <summary>Read from the folder itself: the verdict says only that the folder agrees with itself.</summary>
    Folder,
}

/// <summary>What to check a folder against. Immutable.</summary>
public sealed record VerificationRequest
{
    /// <summary>The log's keys, obtained elsewhere. Without them the folder's own are used, and the report says so.</summary>
    public IReadOnlyList<NoteVerifier> Keys { get; init; } = [];

    /// <summary>Checkpoints saved earlier or held by witnesses, as files: the folder must extend each of them.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> SavedCheckpoints { get; init; } = [];

    /// <summary>Receipts (<c>.tlog-proof</c>) with the entry they are about.</summary>
    public IReadOnlyList<(ReadOnlyMemory<byte> Receipt, ReadOnlyMemory<byte> Entry)> Receipts { get; init; } = [];

    /// <summary>Entries whose bytes, place and inclusion under the signed root <see cref="LedgerVerifier.Verify"/> checks.</summary>
    public IReadOnlyList<long> Entries { get; init; } = [];

    /// <summary>How many more entries, drawn at random, it checks. Default 0.</summary>
    public int Sample { get; init; }

    /// <summary>Fsck stops at the checkpoint: what lies beyond is still being written. Default: it reads to the end.</summary>
    public bool OnlySigned { get; init; }

    /// <summary>Which witnesses must have cosigned the log's <c>witnessed</c> checkpoint, and that of each receipt; null asks for none.</summary>
    public WitnessPolicy? Policy { get; init; }

    /// <summary>Folder of the payload store, to check that each payload named by an entry is there, unchanged, or erased.</summary>
    public string? PayloadFolder { get; init; }

    /// <summary>Which payloads an entry names; the ledger does not know what entries mean.</summary>
    public Func<LedgerEntry, IEnumerable<SealedRecord>>? PayloadsOf { get; init; }

    /// <summary>Whether an entry is so old that its month may have expired: then an absent payload is not a finding.</summary>
    public Func<LedgerEntry, bool>? IsExpired { get; init; }

    /// <summary>
    /// Which erasures an entry records. With it, the tombstones of each erasure must be exactly the payloads its entry counts and whose root it
    /// states (fewer once months expire), and no payload may have been erased without an entry.
    /// </summary>
    public Func<LedgerEntry, IEnumerable<ErasureRecord>>? ErasuresOf { get; init; }
}

/// <summary>The verdict on a folder. Immutable.</summary>
/// <param name="Checkpoint">The checkpoint found; null when there is none that can be read.</param>
/// <param name="EntriesRead">Entries whose bytes were hashed.</param>
/// <param name="Findings">Empty when the folder is sound; in the order of the log, at most <see cref="LedgerVerifier.MaximumFindings"/>.</param>
public sealed record VerificationReport(
    string Origin, Checkpoint? Checkpoint, KeySource Keys, long EntriesRead, PayloadCounts Payloads, IReadOnlyList<LedgerFinding> Findings)
{
    public bool IsSound => Findings.Count == 0;
}

/// <summary>Payloads named by entries, by what became of them: each is exactly one of these.</summary>
/// <param name="Absent">Not in the store and not old enough to be expired: each is a finding.</param>
public readonly record struct PayloadCounts(long Live, long Erased, long Expired, long Absent);

/// <summary>What an entry states about an erasure; see <see cref="ErasureOutcome"/>.</summary>
public readonly record struct ErasureRecord(Guid Id, long Count, MerkleHash Root);

/// <summary>
/// Verifies a copied ledger folder with nothing else: no lock, no key, no service. Reads hostile files; throws only for I/O errors.
/// <see cref="Verify"/> is fast, <see cref="Fsck"/> reads every byte. Stateless, thread-safe.
/// </summary>
public static class LedgerVerifier
{
    /// <summary>A report stops after this many findings.</summary>
    public const int MaximumFindings = 1000;

    /// <summary>
    /// The checkpoint's signature and cosignatures, its root against the stored tree's right edge, that the log extends every saved checkpoint, and
    /// the given receipts and entries. Reads a few kilobytes whatever the size of the log; says nothing about entries nobody asked for: that is
    /// <see cref="Fsck"/>. An exported copy has no stored tree: there this is <see cref="Fsck"/>.
    /// </summary>
    public static VerificationReport Verify(string folder, VerificationRequest request, CancellationToken cancellationToken = default)
    {
        using var run = new VerificationRun(PhysicalFiles.Instance, folder, request);
        if (run.IsExported)
        {
            return Fsck(folder, request, cancellationToken);
        }

        run.CheckCheckpoint();
        cancellationToken.ThrowIfCancellationRequested();
        run.CheckEdge();
        run.CheckWitnessed();
        run.CheckSavedCheckpoints();
        run.CheckReceipts();
        run.CheckEntries();
        return run.Report();
    }

    /// <summary>
    /// Rebuilds the log from raw entries: every frame, every node of the stored tree, every root that was signed, every seal, every payload
    /// hash, and all that <see cref="Verify"/> checks. Any changed byte of an entry, tree node, seal or checkpoint is found and located.
    /// </summary>
    public static VerificationReport Fsck(string folder, VerificationRequest request, CancellationToken cancellationToken = default) =>
        FsckOn(PhysicalFiles.Instance, folder, request, cancellationToken);

    internal static VerificationReport FsckOn(IFileLayer files, string folder, VerificationRequest request, CancellationToken cancellationToken)
    {
        using var run = new VerificationRun(files, folder, request);
        run.CheckCheckpoint();
        run.CheckManifest();
        run.ReadPayloads(cancellationToken);
        run.RebuildTree(cancellationToken);
        run.CheckWitnessed();
        run.CheckSavedCheckpoints();
        run.CheckReceipts();
        return run.Report();
    }
}

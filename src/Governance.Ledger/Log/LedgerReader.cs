namespace Governance.Ledger;

/// <summary>An entry and its place in the log.</summary>
public readonly record struct LedgerEntry(long Index, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// Reads a log: entries, roots, proofs, receipts. Every entry read is checked against the tree. Needs no lock, never delays the writer,
/// works on a copied folder. Thread-safe. Methods throw <see cref="LedgerDamagedException"/> when the stored bytes contradict each other.
/// </summary>
public sealed class LedgerReader : IDisposable
{
    private readonly Func<SignedNote?> _checkpoint;
    private volatile LogStore _store;
    private SignedNote? _witnessed;

    internal LedgerReader(LogStore store, Func<SignedNote?> checkpoint) => (_store, _checkpoint) = (store, checkpoint);

    /// <summary>Entries that can be read. Grows only.</summary>
    public long Size => _store.Size;

    /// <summary>The newest signed checkpoint; null when none was published.</summary>
    public SignedNote? Checkpoint => _checkpoint();

    /// <summary>The newest checkpoint that the log's witnesses cosigned; null when the log has none. Never newer than <see cref="Checkpoint"/>.</summary>
    public SignedNote? Witnessed
    {
        get => Volatile.Read(ref _witnessed);
        internal set => Volatile.Write(ref _witnessed, value);
    }

    /// <summary>
    /// Opens a folder, at rest or being written, as of its published checkpoint. The checkpoint's signature is not judged here; that is
    /// the verifier's business.
    /// </summary>
    /// <exception cref="LedgerDamagedException">There is no readable checkpoint, or the files do not reach it.</exception>
    public static LedgerReader Open(string folder)
    {
        var store = new LogStore(PhysicalFiles.Instance, folder, write: false);
        try
        {
            LedgerDamagedException Damaged(string message) => new(new LedgerFinding(LedgerFault.FileMissing, LedgerPaths.Checkpoint, message));
            var bytes = AtomicFile.Read(store.Files, store.PathOf(LedgerPaths.Checkpoint), SignedNote.MaximumLength)
                ?? throw Damaged("There is no checkpoint; this is not a ledger folder, or it was copied before the first one.");
            if (!SignedNote.TryParse(bytes, out var note, out var error) || Ledger.Checkpoint.Parse(note.Text) is not { } checkpoint)
            {
                throw Damaged("The checkpoint is not a signed checkpoint. " + error);
            }

            if (!store.Tree.Holds(checkpoint.Size))
            {
                throw Damaged("The stored tree is smaller than the checkpoint.");
            }

            store.Size = checkpoint.Size;
            var reader = new LedgerReader(store, () => note);
            reader.LoadWitnessed();
            return reader;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of entry <paramref name="index"/>, 0 to <see cref="Size"/> - 1.</summary>
    public byte[] Read(long index) => _store.Read(index);

    /// <summary>Entries from <paramref name="first"/> on, at most <paramref name="count"/>, in order, up to <see cref="Size"/> at the time of the call.</summary>
    public IEnumerable<LedgerEntry> ReadFrom(long first, long count = long.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var end = first + Math.Min(count, Math.Max(0, Size - first));
        for (var index = first; index < end; index++)
        {
            yield return new LedgerEntry(index, _store.Read(index));
        }
    }

    /// <summary>The root of the first <paramref name="size"/> entries, 0 to <see cref="Size"/>.</summary>
    public MerkleHash Root(long size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        return MerkleTree.Root(size, _store.Tree.Node);
    }

    /// <summary>The right edge of the tree of the first <paramref name="size"/> entries: what is needed to know the root after more of them.</summary>
    public MerkleFrontier Frontier(long size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        return MerkleFrontier.At(size, _store.Tree.Node);
    }

    /// <summary>Proof that entry <paramref name="index"/> is in the tree of <paramref name="size"/> entries.</summary>
    public IReadOnlyList<MerkleHash> ProveInclusion(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        return MerkleTree.InclusionProof(index, size, _store.Tree.Node);
    }

    /// <summary>Proof that the tree of <paramref name="newSize"/> entries starts with that of <paramref name="oldSize"/>.</summary>
    public IReadOnlyList<MerkleHash> ProveConsistency(long oldSize, long newSize)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(newSize, Size);
        return MerkleTree.ConsistencyProof(oldSize, newSize, _store.Tree.Node);
    }

    /// <summary>
    /// A receipt for entry <paramref name="index"/> against the witnessed checkpoint when that covers it, else the published one; null when neither
    /// does yet.
    /// </summary>
    public InclusionReceipt? Receipt(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return Receipt(index, Witnessed) ?? Receipt(index, Checkpoint);
    }

    /// <summary>Reads from now on from files that were opened again. They hold all that the ones before did.</summary>
    internal void Follow(LogStore store) => _store = store;

    /// <summary>Takes up what was witnessed before the folder was opened; ignores what is no checkpoint within it.</summary>
    internal void LoadWitnessed()
    {
        if (AtomicFile.Read(_store.Files, _store.PathOf(LedgerPaths.Witnessed), SignedNote.MaximumLength) is { } bytes
            && SignedNote.TryParse(bytes, out var note, out _)
            && Ledger.Checkpoint.Parse(note.Text) is { } checkpoint && checkpoint.Size <= Size && Root(checkpoint.Size) == checkpoint.Root)
        {
            Witnessed = note;
        }
    }

    private InclusionReceipt? Receipt(long index, SignedNote? note) =>
        note is not null && Ledger.Checkpoint.Parse(note.Text) is { } checkpoint && index < checkpoint.Size
            ? new InclusionReceipt(index, ProveInclusion(index, checkpoint.Size), note, default)
            : null;

    /// <summary>The bytes of stored nodes; null when the tree does not hold them all.</summary>
    internal byte[]? Nodes(int level, long first, int count) => _store.Tree.Nodes(level, first, count);

    public void Dispose() => _store.Dispose();
}

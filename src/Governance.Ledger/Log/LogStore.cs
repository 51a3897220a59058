namespace Governance.Ledger;

/// <summary>The stored log as readers see it: entries and tree nodes up to a published size. Readers never wait for the writer.</summary>
internal sealed class LogStore : IDisposable
{
    private readonly bool _write;
    private readonly int _ahead;
    private readonly Lock _opening = new();
    private volatile Slot[] _segments;
    private long _size;

    /// <param name="ahead">Zeros kept ahead in the segment being written.</param>
    public LogStore(IFileLayer files, string folder, bool write, int ahead = 0)
    {
        (Files, Folder, _write, _ahead) = (files, folder, write, ahead);
        Tree = new TreeFiles(files, folder, write);
        _segments = [.. LedgerPaths.FindSegments(files, folder).Select(first => new Slot(first))];
    }

    public IFileLayer Files { get; }

    public string Folder { get; }

    public TreeFiles Tree { get; }

    public IReadOnlyList<long> SegmentStarts => [.. _segments.Select(s => s.FirstIndex)];

    /// <summary>Entries that are durable, whose nodes are in the tree.</summary>
    public long Size
    {
        get => Volatile.Read(ref _size);
        set => Volatile.Write(ref _size, value);
    }

    public Segment Last => Open(_segments[^1], _segments.Length - 1);

    public string PathOf(string name) => Path.Combine(Folder, name);

    public void Add(Segment segment) => _segments = [.. _segments, new Slot(segment.FirstIndex) { Segment = segment }];

    public void RemoveLast()
    {
        var first = _segments[^1].FirstIndex;
        _segments = _segments[..^1];
        Files.DeleteIfExists(PathOf(LedgerPaths.Segment(first)));
        Files.SyncDirectory(PathOf(LedgerPaths.Segments));
    }

    /// <summary>Opens a segment whose offsets recovery is about to complete.</summary>
    public Segment OpenForRecovery(long firstIndex)
    {
        var slot = Array.Find(_segments, s => s.FirstIndex == firstIndex)!;
        return slot.Segment ??= Segment.Open(Files, Folder, firstIndex, write: true, _ahead);
    }

    /// <summary>The segment that holds, or would hold, entry <paramref name="index"/>; null when there is none.</summary>
    public Segment? Find(long index)
    {
        var segments = _segments;
        var (low, high) = (0, segments.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = segments[middle].FirstIndex <= index ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? null : Open(segments[low - 1], low - 1);
    }

    /// <summary>Makes the tree and the offsets of everything up to <see cref="Size"/> durable.</summary>
    public void SyncDerived()
    {
        Tree.Sync();
        foreach (var slot in _segments)
        {
            Volatile.Read(ref slot.Segment)?.SyncIndex();
        }
    }

    /// <summary>Where the segment that starts at <paramref name="firstIndex"/> ends: the next one's start, or <see cref="Size"/>.</summary>
    public long EndOf(long firstIndex)
    {
        var segments = _segments;
        var next = Array.FindIndex(segments, s => s.FirstIndex > firstIndex);
        return next < 0 ? Size : segments[next].FirstIndex;
    }

    /// <exception cref="LedgerDamagedException">The bytes found do not hash to the tree.</exception>
    public byte[] Read(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Size);
        var segment = Find(index);
        var entry = segment?.Read(index);
        return entry is not null && MerkleTree.LeafHash(entry) == Tree.Node(0, index)
            ? entry
            : throw new LedgerDamagedException(new LedgerFinding(
                LedgerFault.HashMismatch, LedgerPaths.Segment(segment?.FirstIndex ?? 0), "The entry does not hash to its leaf in the tree.", index));
    }

    public void Dispose()
    {
        foreach (var slot in _segments)
        {
            slot.Segment?.Dispose();
        }

        Tree.Dispose();
    }

    private Segment Open(Slot slot, int position)
    {
        if (Volatile.Read(ref slot.Segment) is { } open)
        {
            return open;
        }

        lock (_opening)
        {
            if (slot.Segment is null)
            {
                var segment = Segment.Open(Files, Folder, slot.FirstIndex, _write, _ahead);
                var end = position + 1 < _segments.Length ? _segments[position + 1].FirstIndex : Size;
                if (segment.IndexedEntries < end - slot.FirstIndex && !segment.ReindexInMemory(end))
                {
                    segment.Dispose();
                    throw new LedgerDamagedException(new LedgerFinding(
                        LedgerFault.BytesDamaged, LedgerPaths.Segment(slot.FirstIndex), "The segment's frames are damaged; run fsck to find where.", slot.FirstIndex));
                }

                Volatile.Write(ref slot.Segment, segment);
            }

            return slot.Segment;
        }
    }

    private sealed class Slot(long firstIndex)
    {
        public long FirstIndex { get; } = firstIndex;

        public Segment? Segment;
    }
}

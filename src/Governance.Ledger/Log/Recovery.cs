
namespace Governance.Ledger;

/// <summary>
/// Brings a folder to the state of its last durable frame: cuts a torn tail and nothing else, completes the tree and the offsets from the
/// entries, and refuses a folder whose acknowledged content was damaged.
/// <para>A flush that failed leaves pages that read as written, and that the next flush passes over with success (Rebello et al., "Can Applications
/// Recover from fsync Failures?", USENIX ATC 2020). So what lies beyond the checkpoint, which vouches for what flushes have covered, is written
/// once more before it is flushed and taken for stored.</para>
/// </summary>
/// <param name="acknowledged">
/// The tree of what this process acknowledged before its storage failed: exactly that must be found, and what lies beyond, which nobody was told of,
/// is cut. Null at the first opening: then the last whole frame ends the log.
/// </param>
internal sealed class Recovery(LogStore store, string origin, IReadOnlyList<NoteVerifier> keys, MerkleFrontier? acknowledged)
{
    private const int Batch = 1 << 16;
    private readonly MerkleHash[] _leaves = new MerkleHash[Batch];
    private int _pending;
    private MerkleFrontier _frontier = new();

    /// <summary>Returns the frontier at the recovered size and the published checkpoint, null when there was none.</summary>
    public (MerkleFrontier Frontier, SignedNote? Checkpoint) Run()
    {
        var (note, checkpoint) = ReadCheckpoint();
        if (checkpoint.Size > acknowledged?.Size)
        {
            throw Damaged(new LedgerFinding(
                LedgerFault.Inconsistent, LedgerPaths.Checkpoint, $"It covers {checkpoint.Size} entries, and this process acknowledged {acknowledged.Size}: somebody else writes to this log."));
        }

        DropStillbornSegment();
        var starts = store.SegmentStarts;
        CheckStarts(starts, checkpoint.Size);
        var trusted = TreeMatches(checkpoint) ? checkpoint.Size : 0;
        store.Size = trusted;
        _frontier = MerkleFrontier.At(trusted, store.Tree.Node);
        for (var i = 0; i < starts.Count; i++)
        {
            var end = i + 1 < starts.Count ? starts[i + 1] : long.MaxValue;
            if (end > trusted)
            {
                Replay(starts[i], end, Math.Max(trusted, starts[i]), checkpoint);
            }
        }

        FlushLeaves();
        if (_frontier.Size < checkpoint.Size)
        {
            throw Damaged(new LedgerFinding(
                LedgerFault.LengthWrong,
                starts.Count == 0 ? LedgerPaths.Segments : LedgerPaths.Segment(starts[^1]),
                $"The log ends after {_frontier.Size} entries; the checkpoint covers {checkpoint.Size}.",
                _frontier.Size));
        }

        if (acknowledged is not null && (_frontier.Size != acknowledged.Size || _frontier.Root() != acknowledged.Root()))
        {
            throw Damaged(new LedgerFinding(
                LedgerFault.Inconsistent, LedgerPaths.Segments, $"{acknowledged.Size} entries were acknowledged; what is stored does not hash to them.", _frontier.Size));
        }

        store.Tree.Truncate(_frontier.Size);
        store.Files.SyncDirectory(store.PathOf(LedgerPaths.Segments));
        store.Size = _frontier.Size;
        return (_frontier, note);
    }

    private (SignedNote? Note, Checkpoint Checkpoint) ReadCheckpoint()
    {
        var bytes = AtomicFile.Read(store.Files, store.PathOf(LedgerPaths.Checkpoint), SignedNote.MaximumLength);
        if (bytes is null)
        {
            return (null, new Checkpoint(origin, 0, MerkleTree.EmptyRoot));
        }

        return Checkpoint.TryVerify(bytes, origin, keys, out var checkpoint, out var error) && SignedNote.TryParse(bytes, out var note, out error)
            ? (note, checkpoint)
            : throw Damaged(new LedgerFinding(LedgerFault.SignatureInvalid, LedgerPaths.Checkpoint, error));
    }

    // A crash while rolling may leave a last segment without a whole header. It holds nothing.
    private void DropStillbornSegment()
    {
        var starts = store.SegmentStarts;
        if (starts.Count > 0 && Segment.IsStillborn(store.Files, store.Folder, starts[^1]))
        {
            store.RemoveLast();
        }
    }

    private static void CheckStarts(IReadOnlyList<long> starts, long size)
    {
        if (starts.Count > 0 ? starts[0] != 0 : size > 0)
        {
            throw Damaged(new LedgerFinding(LedgerFault.FileMissing, LedgerPaths.Segment(0), "The first segment is missing.", 0));
        }
    }

    private bool TreeMatches(Checkpoint checkpoint) =>
        store.Tree.Holds(checkpoint.Size) && MerkleTree.Root(checkpoint.Size, store.Tree.Node) == checkpoint.Root;

    // Takes the frames of one segment from entry `from` on into the tree and the offsets.
    private void Replay(long start, long end, long from, Checkpoint checkpoint)
    {
        var last = end == long.MaxValue;
        var segment = store.OpenForRecovery(start);
        var offset = from == start ? Segment.HeaderSize : FrameBoundary(segment, from);
        var scanner = offset is { } known
            ? new SegmentScanner(segment, known, from)
            : new SegmentScanner(segment, Segment.HeaderSize, start);
        long? unproven = null;
        while (true)
        {
            var (at, first) = (scanner.Offset, scanner.Index);
            unproven ??= first < checkpoint.Size ? null : at == Segment.HeaderSize ? 0 : at;
            ReadOnlySpan<byte> frame = default;
            var count = 0;
            var result = first == acknowledged?.Size ? ScanResult.End : scanner.Next(out frame, out count);
            if (result == ScanResult.Frame)
            {
                Take(segment, frame, at, first, count, checkpoint);
                continue;
            }

            var torn = last && first >= checkpoint.Size && (result == ScanResult.End || !scanner.LaterFrameProvesDamage());
            if (last ? !torn : result != ScanResult.End || first != end)
            {
                throw Damaged(new LedgerFinding(
                    result == ScanResult.End ? LedgerFault.LengthWrong : LedgerFault.BytesDamaged,
                    LedgerPaths.Segment(start),
                    "Acknowledged entries are missing or damaged from here on.",
                    first, at, Math.Max(0, segment.Length - at)));
            }

            segment.Settle(unproven ?? at, at, first - start);
            return;
        }
    }

    private long? FrameBoundary(Segment segment, long from)
    {
        var entry = segment.IndexedEntries >= from - segment.FirstIndex ? segment.Read(from - 1) : null;
        return entry is not null && MerkleTree.LeafHash(entry) == store.Tree.Node(0, from - 1) ? segment.EndOf(from - 1) : null;
    }

    private void Take(Segment segment, ReadOnlySpan<byte> frame, long at, long first, int count, Checkpoint checkpoint)
    {
        segment.WriteOffsets(first, Segment.EntryOffsets(frame, at, count));
        var body = frame[Frame.HeaderSize..];
        for (var index = first; Frame.TryTakeEntry(ref body, out var entry); index++)
        {
            if (index < store.Size)
            {
                continue;
            }

            _leaves[_pending++] = MerkleTree.LeafHash(entry);
            if (_pending == Batch || index + 1 == checkpoint.Size)
            {
                FlushLeaves();
            }

            if (index + 1 == checkpoint.Size && _frontier.Root() != checkpoint.Root)
            {
                throw Damaged(new LedgerFinding(
                    LedgerFault.RootMismatch, LedgerPaths.Checkpoint, "The entries do not hash to the root of the signed checkpoint; run fsck to find where."));
            }
        }
    }

    private void FlushLeaves()
    {
        _frontier.Append(_leaves.AsSpan(0, _pending), store.Tree.Write);
        _pending = 0;
    }

    private static LedgerDamagedException Damaged(LedgerFinding finding) => new(finding);
}

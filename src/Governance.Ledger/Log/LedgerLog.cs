using System.Buffers;

namespace Governance.Ledger;

/// <summary>
/// An append-only Merkle log in a folder. One writer, any number of readers. Thread-safe.
/// <para>The promise of <see cref="AppendAsync(ReadOnlyMemory{byte}, CancellationToken)"/>:</para>
/// <list type="bullet">
/// <item>It MUST NOT report <see cref="AppendStatus.Committed"/> before the entries, and all that the barrier guards, are on stable storage.</item>
/// <item>An acknowledged entry MUST keep its index and its bytes for the life of the log, through any crash of process or machine.</item>
/// <item>Entries of one call MUST get contiguous indexes and MUST survive a crash together or not at all.</item>
/// <item>Indexes MUST have no gap and MUST follow the order in which calls were taken; concurrent calls are taken in no particular order.</item>
/// <item>After a storage failure the log MUST NOT take another entry until it was opened again and recovered.</item>
/// <item>Recovery MUST cut a torn tail and MUST NOT cut anything else; a folder whose acknowledged content was damaged is refused.</item>
/// <item>A reader MUST NOT see an entry before it is durable.</item>
/// </list>
/// </summary>
public sealed class LedgerLog : IAsyncDisposable
{
    private const int BusyGroup = 6;
    private const int FullGroup = 64;
    private const int MostPauses = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMicroseconds(200);
    private readonly LogStore _store;
    private readonly LedgerOptions _options;
    private readonly IDisposable _folderLock;
    private readonly MerkleFrontier _frontier;
    private readonly CheckpointWriter _checkpoints;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _work = new(initialState: false);
    private readonly Thread _writer;
    private readonly PendingAppend.Pool _appends = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _publishing;
    private CommitGroup _open;
    private CommitGroup _spare;
    private long _next;
    private long _commits;
    private bool _closed;
    private string? _failure;

    private LedgerLog(LogStore store, LedgerOptions options, IDisposable folderLock, MerkleFrontier frontier, SignedNote? checkpoint)
    {
        (_store, _options, _folderLock, _frontier) = (store, options, folderLock, frontier);
        _checkpoints = new CheckpointWriter(store, options.Signers, checkpoint);
        _open = new CommitGroup(options.MaximumPendingBytes);
        _spare = new CommitGroup(options.MaximumPendingBytes);
        _next = frontier.Size;
        Reader = new LedgerReader(store, () => _checkpoints.Latest);
        _checkpoints.Publish();
        _writer = new Thread(Write) { IsBackground = true, Name = "ledger writer" };
        _writer.Start();
        _publishing = PublishAsync();
    }

    /// <summary>Names the log in checkpoints.</summary>
    public string Origin => _options.Signers[0].Verifier.Name;

    /// <summary>The public keys that sign its checkpoints now; one, or two during a rotation.</summary>
    public IReadOnlyList<NoteVerifier> Verifiers => [.. _options.Signers.Select(s => s.Verifier)];

    /// <summary>Durable entries.</summary>
    public long Size => _store.Size;

    /// <summary>Reads what is durable, beside the writer. Belongs to the log: do not dispose it.</summary>
    public LedgerReader Reader { get; }

    /// <summary>Why the log takes no more entries; null while it does.</summary>
    public string? Failure => Volatile.Read(ref _failure);

    /// <summary>Whether the log was closed and takes no more entries.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>Groups written since it was opened: what entries are divided by to know how many shared a flush.</summary>
    internal long Commits => Volatile.Read(ref _commits);

    /// <summary>Opens the log in <paramref name="folder"/>, creating it when the folder is empty or absent, and recovers it.</summary>
    /// <exception cref="LedgerLockedException">Another writer has it.</exception>
    /// <exception cref="LedgerUnavailableException">The storage refuses.</exception>
    /// <exception cref="LedgerDamagedException">Acknowledged content was damaged, or the folder belongs to another log. Nothing was changed but derived files.</exception>
    public static LedgerLog Open(string folder, LedgerOptions options)
    {
        options.Validate(nameof(options));
        IDisposable? folderLock = null;
        LogStore? store = null;
        try
        {
            options.Files.CreateDirectory(Path.Combine(folder, LedgerPaths.Segments));
            folderLock = options.Files.Lock(folder, options.Time.GetUtcNow());
            var keys = LogIdentity.Establish(options.Files, folder, options.Signers);
            store = new LogStore(options.Files, folder, write: true);
            var (frontier, checkpoint) = new Recovery(store, options.Signers[0].Verifier.Name, keys).Run();
            if (store.SegmentStarts.Count == 0)
            {
                store.Add(Segment.Create(options.Files, folder, 0, options.Time.GetUtcNow()));
            }

            return new LedgerLog(store, options, folderLock, frontier, checkpoint);
        }
        catch (Exception e)
        {
            store?.Dispose();
            folderLock?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new LedgerUnavailableException($"The ledger in {folder} cannot be opened: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>
    /// Appends one entry of 0 to 65,535 bytes and returns when its fate is known; the type's remarks hold the promise. The bytes are copied
    /// before the call returns its task. Cancellation is honoured only before the entry is taken.
    /// </summary>
    public ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<byte> entry, CancellationToken cancellationToken = default) =>
        Append(new ReadOnlySpan<ReadOnlyMemory<byte>>(in entry), [], cancellationToken);

    /// <summary>Appends several entries atomically: contiguous indexes, and after a crash all of them or none. Together at most 16 MiB.</summary>
    public ValueTask<AppendResult> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> entries, CancellationToken cancellationToken = default) =>
        Append([.. entries], [], cancellationToken);

    /// <summary>The same, and tells the leaf hashes: they are needed for the log anyway, and make the receipts of the entries.</summary>
    /// <param name="leaves">As many as entries. Filled when the call returns its task, unless the entries are too large.</param>
    /// <exception cref="ArgumentException">There are not as many as entries.</exception>
    public ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<byte>[] entries, Span<MerkleHash> leaves, CancellationToken cancellationToken = default) =>
        leaves.Length == entries.Length
            ? Append(entries, leaves, cancellationToken)
            : throw new ArgumentException("One leaf hash for each entry.", nameof(leaves));

    /// <summary>
    /// Publishes a checkpoint over every entry acknowledged so far, if there is none yet, and returns the newest one. Never needed for
    /// durability; useful before handing out a receipt at once.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">The storage refuses.</exception>
    public SignedNote PublishCheckpoint()
    {
        try
        {
            return _checkpoints.Publish();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e);
            throw new LedgerUnavailableException("The checkpoint cannot be written: " + e.Message, e);
        }
    }

    /// <summary>Waits for entries already taken, publishes a last checkpoint and frees the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        _work.Set();
        await Task.Run(_writer.Join);
        await _closing.CancelAsync();
        await _publishing;
        if (Failure is null)
        {
            try
            {
                _checkpoints.Publish();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Fail(e);
            }
        }

        _store.Dispose();
        _folderLock.Dispose();
        _work.Dispose();
        _closing.Dispose();
    }

    /// <param name="told">Where the caller wants the leaf hashes; empty when it does not.</param>
    private ValueTask<AppendResult> Append(ReadOnlySpan<ReadOnlyMemory<byte>> entries, Span<MerkleHash> told, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long body = 0;
        foreach (var entry in entries)
        {
            body += entry.Length > Frame.MaximumEntry ? long.MaxValue / 4096 : 2 + entry.Length;
        }

        if (entries.IsEmpty || body > Math.Min(Frame.MaximumBody, _options.MaximumPendingBytes - Frame.HeaderSize))
        {
            return ValueTask.FromResult(AppendResult.Refused(AppendStatus.TooLarge));
        }

        var rented = entries.Length == 1 || !told.IsEmpty ? null : ArrayPool<MerkleHash>.Shared.Rent(entries.Length);
        MerkleHash single = default;
        var leaves = !told.IsEmpty ? told : rented is null ? new Span<MerkleHash>(ref single) : rented.AsSpan(0, entries.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            leaves[i] = MerkleTree.LeafHash(entries[i].Span);
        }

        var result = Enqueue(entries, (int)body, leaves);
        if (rented is not null)
        {
            ArrayPool<MerkleHash>.Shared.Return(rented);
        }

        return result;
    }

    private ValueTask<AppendResult> Enqueue(ReadOnlySpan<ReadOnlyMemory<byte>> entries, int body, ReadOnlySpan<MerkleHash> leaves)
    {
        ValueTask<AppendResult> outcome;
        bool wake;
        lock (_gate)
        {
            if (_failure is not null)
            {
                return ValueTask.FromResult(AppendResult.Refused(AppendStatus.Unavailable, _failure));
            }

            if (_closed)
            {
                return ValueTask.FromResult(AppendResult.Refused(AppendStatus.Closed));
            }

            wake = _open.Count == 0;
            if (!_open.TryAdd(entries, body, leaves, _next))
            {
                return ValueTask.FromResult(AppendResult.Refused(AppendStatus.Busy));
            }

            var append = _appends.Rent(_next, leaves.Length);
            outcome = append.Outcome;
            _open.Await(append);
            _next += leaves.Length;
        }

        if (wake)
        {
            _work.Set();
        }

        return outcome;
    }

    // The writer thread: takes whatever has gathered while the last group was on its way to the disk.
    private void Write()
    {
        while (true)
        {
            Gather();
            CommitGroup group;
            bool closed;
            lock (_gate)
            {
                group = _open;
                closed = _closed;
                if (group.Count > 0)
                {
                    _open = _spare;
                    _spare = group;
                }
            }

            if (group.Count > 0)
            {
                Commit(group);
                group.Reset();
            }
            else if (closed)
            {
                return;
            }
            else
            {
                _work.WaitOne();
            }
        }
    }

    // When many came during the last commit, waits for more to share the next flush: while they keep coming, and at most for a millisecond. A flush costs
    // the same for one entry as for sixty; where few come nobody is kept waiting.
    private void Gather()
    {
        var seen = 0;
        for (var pauses = 0; pauses < MostPauses && !Volatile.Read(ref _closed); pauses++)
        {
            int count;
            lock (_gate)
            {
                count = _open.Count;
            }

            if (count < BusyGroup || count >= FullGroup || count == seen)
            {
                return;
            }

            seen = count;
            PreciseSleep.For(Pause);
        }
    }

    private void Commit(CommitGroup group)
    {
        if (Failure is { } earlier)
        {
            group.Complete(earlier);
            return;
        }

        try
        {
            _options.Barrier?.Flush();
            var segment = SegmentFor(group.Length);
            var (position, size) = (segment.Length, _store.Size);
            segment.Append(group.Seal(size));
            var offsets = ArrayPool<byte>.Shared.Rent(group.Count * sizeof(uint));
            group.WriteOffsets(position, offsets);
            segment.WriteOffsets(size, offsets.AsSpan(0, group.Count * sizeof(uint)));
            ArrayPool<byte>.Shared.Return(offsets);
            _frontier.Append(group.Leaves, _store.Tree.Write);
            _store.Size = _frontier.Size;
            Volatile.Write(ref _commits, _commits + 1);
            group.Complete(null);
        }
        catch (Exception e)
        {
            Fail(e);
            group.Complete(Failure);
        }
    }

    private Segment SegmentFor(int length)
    {
        var segment = _store.Last;
        var now = _options.Time.GetUtcNow();
        if (segment.Length == Segment.HeaderSize
            || (segment.Length + length <= _options.MaximumSegmentBytes && now - segment.Created < _options.MaximumSegmentAge))
        {
            return segment;
        }

        var next = Segment.Create(_options.Files, _store.Folder, _store.Size, now);
        _store.Add(next);
        return next;
    }

    private async Task PublishAsync()
    {
        using var timer = new PeriodicTimer(_options.CheckpointInterval, _options.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_closing.Token) && Failure is null)
            {
                _checkpoints.Publish();
            }
        }
        catch (OperationCanceledException)
        {
            // Closing.
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private void Fail(Exception e)
    {
        lock (_gate)
        {
            _failure ??= $"The storage failed and the log is read-only until it is opened again: {e.Message}";
        }
    }
}

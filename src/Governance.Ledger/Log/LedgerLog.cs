using System.Buffers;
using System.Diagnostics;

namespace Governance.Ledger;

/// <summary>
/// An append-only Merkle log in a folder. One writer, any number of readers. Thread-safe.
/// <para>The promise of <see cref="AppendAsync(ReadOnlyMemory{byte}, CancellationToken)"/>:</para>
/// <list type="bullet">
/// <item>It MUST NOT report <see cref="AppendStatus.Committed"/> before the entries, and all that the barrier guards, are on stable storage.</item>
/// <item>An acknowledged entry MUST keep its index and its bytes for the life of the log, through any crash of process or machine.</item>
/// <item>Entries of one call MUST get contiguous indexes and MUST survive a crash together or not at all.</item>
/// <item>Indexes MUST have no gap and MUST follow the order in which calls were taken; concurrent calls are taken in no particular order.</item>
/// <item>After a storage failure the log MUST NOT take another entry until it has recovered what is stored. It tries so by itself, and MUST go on
/// only from exactly what it acknowledged; anything else stays failed for an operator.</item>
/// <item>Recovery MUST cut a torn tail and MUST NOT cut anything else; a folder whose acknowledged content was damaged is refused.</item>
/// <item>What <see cref="Take"/> takes MUST become durable within the bound's time, as long as the storage keeps up, or be counted as <see cref="Lost"/>.</item>
/// <item>A reader MUST NOT see an entry before it is durable.</item>
/// </list>
/// </summary>
public sealed class LedgerLog : IAsyncDisposable
{
    private const int BusyGroup = 6;
    private const int FullGroup = 64;
    private const int MostPauses = 5;

    /// <summary>Written and flushed before an attempt to recover: a disk that is still full is found by this, not by an entry.</summary>
    private const int ProbeBytes = 1 << 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMicroseconds(200);

    /// <summary>How long entries that nobody waits for gather, at most: a twentieth of the usual bound.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);
    private const int MostLingering = 256;
    private readonly LedgerOptions _options;
    private readonly IFolderLock _folderLock;
    private readonly IReadOnlyList<NoteVerifier> _keys;
    private readonly CheckpointWriter _checkpoints;
    private readonly RecoveryPace _pace;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _work = new(initialState: false);
    private readonly Thread _writer;
    private readonly PendingAppend.Pool _appends = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _ticking;

    /// <summary>The tree of what was acknowledged: what a recovery must find.</summary>
    private readonly MerkleFrontier _acknowledged = new();
    private volatile LogStore _store;
    private MerkleFrontier _frontier;
    private CommitGroup _open;
    private CommitGroup _spare;
    private long _next;
    private long _commits;
    private long _lost;
    private int _opening;
    private bool _recoverNow;
    private bool _closed;
    private StorageFailure? _failure;

    private LedgerLog(RecoveredLog found, LedgerOptions options, IFolderLock folderLock, IReadOnlyList<NoteVerifier> keys)
    {
        var (store, frontier, checkpoint) = found;
        (_store, _options, _folderLock, _frontier, _keys) = (store, options, folderLock, frontier, keys);
        _acknowledged.Become(frontier);
        _pace = new RecoveryPace(options.RecoverAfter, options.Time);
        _checkpoints = new CheckpointWriter(store, options.Signers, checkpoint);
        _open = new CommitGroup(options.MaximumPendingBytes);
        _spare = new CommitGroup(options.MaximumPendingBytes);
        _next = frontier.Size;
        Reader = new LedgerReader(store, () => _checkpoints.Latest);
        _checkpoints.Publish();
        _writer = new Thread(Write) { IsBackground = true, Name = "ledger writer" };
        _writer.Start();
        _ticking = TickAsync();
    }

    /// <summary>Names the log in checkpoints.</summary>
    public string Origin => _options.Signers[0].Verifier.Name;

    /// <summary>The public keys that sign its checkpoints now; one, or two during a rotation.</summary>
    public IReadOnlyList<NoteVerifier> Verifiers => [.. _options.Signers.Select(s => s.Verifier)];

    /// <summary>Durable entries.</summary>
    public long Size => _store.Size;

    /// <summary>Reads what is durable, beside the writer. Belongs to the log: do not dispose it.</summary>
    public LedgerReader Reader { get; }

    /// <summary>Why the log takes no entries; null while it does. See <see cref="NeedsOperator"/>.</summary>
    public string? Failure => Volatile.Read(ref _failure)?.Reason;

    /// <summary>Whether the failure is not one of the storage that passes: what is stored is not what was acknowledged, or somebody else writes.</summary>
    public bool NeedsOperator => Volatile.Read(ref _failure) is { Passes: false };

    /// <summary>
    /// Grows with every recovery. Who hands something to the <see cref="LedgerOptions.Barrier"/> for an entry reads this before, and gives it with
    /// the entry: what was handed over before a recovery may be gone, and an entry that refers to it is not taken.
    /// </summary>
    public int Opening => Volatile.Read(ref _opening);

    /// <summary>Whether the log was closed and takes no more entries.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>Groups written since it was opened: what entries are divided by to know how many shared a flush.</summary>
    internal long Commits => Volatile.Read(ref _commits);

    /// <summary>Entries that <see cref="Take"/> took and that never became durable. Above 0 an operator must look.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Opens the log in <paramref name="folder"/>, creating it when the folder is empty or absent, and recovers it.</summary>
    /// <exception cref="LedgerLockedException">Another writer has it.</exception>
    /// <exception cref="LedgerUnavailableException">The storage refuses.</exception>
    /// <exception cref="LedgerDamagedException">Acknowledged content was damaged, or the folder belongs to another log. Nothing was changed but derived files.</exception>
    public static LedgerLog Open(string folder, LedgerOptions options)
    {
        options.Validate(nameof(options));
        IFolderLock? folderLock = null;
        RecoveredLog? found = null;
        try
        {
            options.Files.CreateDirectory(Path.Combine(folder, LedgerPaths.Segments));
            folderLock = options.Files.Lock(folder, options.Time.GetUtcNow());
            var keys = LogIdentity.Establish(options.Files, folder, options.Signers);
            found = RecoveredLog.Of(folder, options, keys, acknowledged: null);
            return new LedgerLog(found.Value, options, folderLock, keys);
        }
        catch (Exception e)
        {
            found?.Store.Dispose();
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
        Append(new ReadOnlySpan<ReadOnlyMemory<byte>>(in entry), [], opening: null, cancellationToken);

    /// <summary>The same, for an entry that refers to something handed to the barrier.</summary>
    /// <param name="opening">The <see cref="Opening"/> before it was handed over. When the log recovered since, the entry is refused as <see cref="AppendStatus.Unavailable"/>.</param>
    public ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<byte> entry, int opening, CancellationToken cancellationToken) =>
        Append(new ReadOnlySpan<ReadOnlyMemory<byte>>(in entry), [], opening, cancellationToken);

    /// <summary>Appends several entries atomically: contiguous indexes, and after a crash all of them or none. Together at most 16 MiB.</summary>
    public ValueTask<AppendResult> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> entries, CancellationToken cancellationToken = default) =>
        Append([.. entries], [], opening: null, cancellationToken);

    /// <summary>The same, and tells the leaf hashes: they are needed for the log anyway, and make the receipts of the entries.</summary>
    /// <param name="leaves">As many as entries. Filled when the call returns its task, unless the entries are too large.</param>
    /// <param name="opening">The <see cref="Opening"/> before anything the entries refer to was handed to the barrier.</param>
    /// <exception cref="ArgumentException">There are not as many as entries.</exception>
    public ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<byte>[] entries, Span<MerkleHash> leaves, int opening, CancellationToken cancellationToken) =>
        leaves.Length == entries.Length
            ? Append(entries, leaves, opening, cancellationToken)
            : throw new ArgumentException("One leaf hash for each entry.", nameof(leaves));

    /// <summary>
    /// Takes entries that are appended together, and does not make the caller wait until they are durable: for one who may act before, within a bound. They share
    /// flushes with appends that are waited for, and without any of those gather for some milliseconds.
    /// </summary>
    /// <param name="leaves">As many as entries. Filled when they are taken.</param>
    /// <param name="opening">The <see cref="Opening"/> before anything the entries refer to was handed to the barrier.</param>
    /// <param name="fate">Is set to the index of the first entry once it is durable, to -1 when it never will be; null when nobody wants to know.</param>
    /// <returns><see cref="AppendStatus.Taken"/>; <see cref="AppendStatus.Busy"/> beyond the bound; else why not.</returns>
    /// <exception cref="ArgumentException">There are not as many leaves as entries.</exception>
    public AppendStatus Take(ReadOnlyMemory<byte>[] entries, Span<MerkleHash> leaves, int opening, TakeBound bound, TaskCompletionSource<long>? fate)
    {
        if (leaves.Length != entries.Length)
        {
            throw new ArgumentException("One leaf hash for each entry.", nameof(leaves));
        }

        if (BodyLength(entries) is not { } body)
        {
            return AppendStatus.TooLarge;
        }

        HashLeaves(entries, leaves);
        bool wake;
        lock (_gate)
        {
            var taken = _open.Taken + _spare.Taken;
            var since = _spare.Taken > 0 ? _spare.TakenSince : _open.TakenSince;
            if (taken + entries.Length > bound.MostEntries || (taken > 0 && _options.Time.GetElapsedTime(since) > bound.Longest))
            {
                return AppendStatus.Busy;
            }

            if (TryAdd(entries, body, leaves, opening) is { } refused)
            {
                return refused.Status;
            }

            _open.Take(_next, entries.Length, _options.Time.GetTimestamp(), fate);
            _next += entries.Length;
            wake = _open.Count == entries.Length || (_open.Taken >= MostLingering && _open.Taken - entries.Length < MostLingering);
        }

        if (wake)
        {
            _work.Set();
        }

        return AppendStatus.Taken;
    }

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
        await _ticking;
        if (Failure is null)
        {
            try
            {
                _checkpoints.Publish();
                _store.Last.Finish();
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
    private ValueTask<AppendResult> Append(
        ReadOnlySpan<ReadOnlyMemory<byte>> entries, Span<MerkleHash> told, int? opening, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (BodyLength(entries) is not { } body)
        {
            return ValueTask.FromResult(AppendResult.Refused(AppendStatus.TooLarge));
        }

        var rented = entries.Length == 1 || !told.IsEmpty ? null : ArrayPool<MerkleHash>.Shared.Rent(entries.Length);
        MerkleHash single = default;
        var leaves = !told.IsEmpty ? told : rented is null ? new Span<MerkleHash>(ref single) : rented.AsSpan(0, entries.Length);
        HashLeaves(entries, leaves);
        var result = Enqueue(entries, body, leaves, opening);
        if (rented is not null)
        {
            ArrayPool<MerkleHash>.Shared.Return(rented);
        }

        return result;
    }

    private ValueTask<AppendResult> Enqueue(ReadOnlySpan<ReadOnlyMemory<byte>> entries, int body, ReadOnlySpan<MerkleHash> leaves, int? opening)
    {
        ValueTask<AppendResult> outcome;
        bool wake;
        lock (_gate)
        {
            if (TryAdd(entries, body, leaves, opening) is { } refused)
            {
                return ValueTask.FromResult(refused);
            }

            wake = !_open.IsAwaited;
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

    // Adds the entries to the open group; says why when it does not. Under the lock.
    private AppendResult? TryAdd(ReadOnlySpan<ReadOnlyMemory<byte>> entries, int body, ReadOnlySpan<MerkleHash> leaves, int? opening) =>
        _failure is not null ? AppendResult.Refused(AppendStatus.Unavailable, _failure.Reason)
        : opening is { } known && known != _opening ? AppendResult.Refused(
            AppendStatus.Unavailable, "The storage failed and recovered since this entry was begun; what it refers to may be gone.")
        : _closed ? AppendResult.Refused(AppendStatus.Closed)
        : !_open.TryAdd(entries, body, leaves, _next) ? AppendResult.Refused(AppendStatus.Busy)
        : null;

    // Bytes of the entries in a frame; null when they are none, or too many.
    private int? BodyLength(ReadOnlySpan<ReadOnlyMemory<byte>> entries)
    {
        long body = 0;
        foreach (var entry in entries)
        {
            body += entry.Length > Frame.MaximumEntry ? long.MaxValue / 4096 : 2 + entry.Length;
        }

        return entries.IsEmpty || body > Math.Min(Frame.MaximumBody, _options.MaximumPendingBytes - Frame.HeaderSize) ? null : (int)body;
    }

    private static void HashLeaves(ReadOnlySpan<ReadOnlyMemory<byte>> entries, Span<MerkleHash> leaves)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            leaves[i] = MerkleTree.LeafHash(entries[i].Span);
        }
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
                lock (_gate)
                {
                    group.Reset();
                }
            }
            else if (closed)
            {
                return;
            }
            else if (Interlocked.Exchange(ref _recoverNow, false))
            {
                Recover();
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
        LetGather();
        var seen = 0;
        for (var pauses = 0; pauses < MostPauses && !Volatile.Read(ref _closed); pauses++)
        {
            int count;
            lock (_gate)
            {
                count = _open.IsAwaited ? _open.Count : 0;
            }

            if (count < BusyGroup || count >= FullGroup || count == seen)
            {
                return;
            }

            seen = count;
            PreciseSleep.For(Pause);
        }
    }

    // While nobody waits for what has gathered, there is time for more.
    private void LetGather()
    {
        var started = Stopwatch.GetTimestamp();
        for (var left = Linger; left > TimeSpan.Zero; left = Linger - Stopwatch.GetElapsedTime(started))
        {
            lock (_gate)
            {
                if (_open.Count == 0 || _open.IsAwaited || _open.Taken >= MostLingering || _closed)
                {
                    return;
                }
            }

            _work.WaitOne(left);
        }
    }

    private void Commit(CommitGroup group)
    {
        if (Failure is { } earlier)
        {
            Interlocked.Add(ref _lost, group.Taken);
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
            _acknowledged.Become(_frontier);
            _store.Size = _frontier.Size;
            Volatile.Write(ref _commits, _commits + 1);
            _pace.Written();
            group.Complete(null);
        }
        catch (Exception e)
        {
            Fail(e);
            Interlocked.Add(ref _lost, group.Taken);
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

        segment.Finish();
        var next = Segment.Create(_options.Files, _store.Folder, _store.Size, now, _options.Ahead);
        _store.Add(next);
        return next;
    }

    // Publishes, or once the pause is over has the writer recover.
    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(_options.CheckpointInterval, _options.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_closing.Token))
            {
                Tick();
            }
        }
        catch (OperationCanceledException)
        {
            // Closing.
        }
    }

    private void Tick()
    {
        if (Failure is null && _options.Barrier?.Failure is { } reason)
        {
            Fail(new LedgerUnavailableException(reason));
        }

        if (Volatile.Read(ref _failure) is not { } failure)
        {
            try
            {
                _checkpoints.Publish();
            }
            catch (Exception e)
            {
                Fail(e);
            }
        }
        else if (failure.Passes && _pace.IsOver)
        {
            Volatile.Write(ref _recoverNow, true);
            _work.Set();
        }
    }

    // The writer thread, with nothing on its way. Readers go on with the files they have; the old ones are closed when nobody holds them.
    private void Recover()
    {
        if (Failure is null)
        {
            return;
        }

        _pace.Attempted();
        try
        {
            if (!_folderLock.IsHeld)
            {
                throw new LedgerDamagedException(new LedgerFinding(LedgerFault.Inconsistent, LedgerPaths.Writer, "Another process has written its name here: two write to one log."));
            }

            Probe();
            _options.Barrier?.Recover();
            var (store, frontier, checkpoint) = RecoveredLog.Of(_store.Folder, _options, _keys, _acknowledged);
            _checkpoints.Follow(store, checkpoint);
            Reader.Follow(store);
            (_store, _frontier) = (store, frontier);
            lock (_gate)
            {
                _next = frontier.Size;
                _opening++;
                _failure = null;
            }
        }
        catch (Exception e)
        {
            lock (_gate)
            {
                _failure = StorageFailure.Of(e, _options.RecoverAfter);
            }
        }
    }

    private void Probe()
    {
        var path = _store.PathOf(LedgerPaths.Probe);
        try
        {
            using var file = _options.Files.OpenWrite(path);
            file.SetLength(0);
            file.Write(0, new byte[ProbeBytes]);
            file.Sync();
        }
        finally
        {
            _options.Files.DeleteIfExists(path);
        }
    }

    private void Fail(Exception e)
    {
        lock (_gate)
        {
            if (_failure is null)
            {
                _failure = StorageFailure.Of(e, _options.RecoverAfter);
                _pace.Failed();
            }
        }
    }
}

using System.Buffers;
using System.Globalization;

namespace Governance.Ledger;

/// <summary>
/// The segments of a payload store and their subject indexes. Thread-safe. Locks, always taken in this order: one caller writes and flushes
/// (<see cref="_flushing"/>), one caller changes index files (<see cref="_indexing"/>), one caller changes what is in memory (<see cref="_gate"/>,
/// never held over a read, write or flush but when a segment is begun).
/// </summary>
internal sealed class PayloadFiles(
    IFileLayer files, string folder, int maximumSegmentBytes, int ahead, Func<KeyRef, PayloadLocation> locate, Func<KeyRef, byte[], UInt128> tagOf) : IDisposable
{
    private readonly Dictionary<(int Month, int Number), PayloadSegment> _open = [];
    private const int MaximumGathered = 1 << 20;
    private const int LookupsAtOnce = 64;
    private const int LargestWindow = 1 << 20;
    private const int FullOnesOpen = 16;
    private readonly RecentSegments _recent = new(FullOnesOpen);
    private readonly Lock _flushing = new();
    private readonly Lock _indexing = new();
    private readonly Lock _gate = new();
    private List<PayloadSegment> _changed = [];
    private List<PayloadSegment> _flushed = [];
    private PayloadSegment? _active;
    private SubjectIndex? _spareIndex;
    private Task _closing = Task.CompletedTask;

    /// <summary>Months that have a folder.</summary>
    public IReadOnlyList<int> Months() =>
        [.. files.ListFolders(folder).Select(PayloadLocation.ParseMonth).OfType<int>().Order()];

    public IReadOnlyList<int> Segments(int month) =>
        [.. files.ListFiles(Path.Combine(folder, PayloadLocation.MonthName(month)))
            .Where(f => f.EndsWith(".pay", StringComparison.Ordinal))
            .Select(f => int.TryParse(f.AsSpan(0, f.Length - 4), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1)
            .Where(n => n >= 0).Order()];

    /// <summary>Makes sure every segment but the last of <paramref name="current"/> has its index file, and goes on in that one.</summary>
    public void Recover(int current)
    {
        foreach (var month in Months())
        {
            // A file may be there whose name is not durable yet.
            files.SyncDirectory(Path.Combine(folder, PayloadLocation.MonthName(month)));
            var numbers = Segments(month);
            foreach (var number in numbers)
            {
                var active = month == current && number == numbers[^1];
                if (active)
                {
                    _active = Segment(month, number);
                    _active.Grow(Rebuild(_active));
                    files.DeleteIfExists(IndexPath(month, number));
                }
                else if (SubjectIndex.Load(files, IndexPath(month, number)) is null)
                {
                    Rebuild(Segment(month, number)).Save(files, IndexPath(month, number));
                }
            }
        }
    }

    /// <summary>A place for a frame of the month, in the segment being filled.</summary>
    public PayloadPlace Reserve(int month, int length)
    {
        lock (_gate)
        {
            if (_active is null || _active.Month != month || _active.End + length > maximumSegmentBytes)
            {
                Roll(month);
            }

            return _active!.Reserve(length);
        }
    }

    /// <summary>Fills a place with a frame and indexes it. It is written and durable after the next <see cref="Sync"/>.</summary>
    public void Put(PayloadPlace place, ReadOnlySpan<byte> frame, UInt128 tag)
    {
        int gathered;
        lock (_gate)
        {
            place.Segment.Growing!.Add(tag, place.Offset);
            List(place.Segment);
            gathered = place.Segment.Put(place, frame);
        }

        if (gathered > MaximumGathered)
        {
            lock (_flushing)
            {
                place.Segment.WriteOut();
            }
        }
    }

    /// <summary>The subject's frames in a month.</summary>
    public IReadOnlyList<PayloadLocation> Find(int month, UInt128 tag)
    {
        var found = new List<PayloadLocation>();
        foreach (var numbers in Segments(month).Chunk(LookupsAtOnce))
        {
            var indexes = new IFile?[numbers.Length];
            try
            {
                for (var i = 0; i < numbers.Length; i++)
                {
                    indexes[i] = SubjectIndex.Expect(files, IndexPath(month, numbers[i]), tag);
                }

                for (var i = 0; i < numbers.Length; i++)
                {
                    found.AddRange(Offsets(month, numbers[i], indexes[i], tag).Select(o => new PayloadLocation(month, numbers[i], o)));
                }
            }
            finally
            {
                Array.ForEach(indexes, f => f?.Dispose());
            }
        }

        return found;
    }

    /// <summary>
    /// Shows the header of each frame, in the order of segments and places. Frames that lie near each other share a read, and the disk is told
    /// of some reads ahead.
    /// </summary>
    public void Visit(IReadOnlyList<PayloadLocation> rows, PayloadRowVisitor visit)
    {
        const int Ahead = 32;
        PayloadLocation[] sorted = [.. rows.OrderBy(r => (r.Month, r.Segment, r.Offset))];
        var windows = Windows(sorted);
        var buffer = ArrayPool<byte>.Shared.Rent(LargestWindow);
        for (var (at, told) = (0, 0); at < windows.Count; at++)
        {
            for (; told < Math.Min(windows.Count, at + Ahead); told++)
            {
                var (place, size, _, _) = windows[told];
                TrySegment(place.Month, place.Segment)!.Expect(place.Offset, size);
            }

            var (first, length, from, end) = windows[at];
            var segment = TrySegment(first.Month, first.Segment)!;
            var window = buffer.AsSpan(0, length);
            if (segment.Read(first.Offset, window) < length)
            {
                throw new IOException($"The payload file {PayloadSegment.FileName(first.Month, first.Segment)} is shorter than its index says.");
            }

            for (var row = from; row < end; row++)
            {
                visit(segment, sorted[row].Offset, window.Slice((int)(sorted[row].Offset - first.Offset), PayloadFrame.HeaderSize));
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Removes the subject's rows, durably.</summary>
    public void Forget(int month, UInt128 tag)
    {
        lock (_indexing)
        {
            foreach (var number in Segments(month))
            {
                var path = IndexPath(month, number);
                lock (_gate)
                {
                    if (Growing(month, number) is { } growing)
                    {
                        growing.Remove(tag);
                        continue;
                    }
                }

                if (SubjectIndex.Load(files, path) is { } index && index.Remove(tag))
                {
                    index.Save(files, path);
                }
            }
        }
    }

    /// <summary>Changes bytes inside a frame. Durable after the next <see cref="Sync"/>.</summary>
    public void Overwrite(PayloadSegment segment, long offset, ReadOnlySpan<byte> bytes)
    {
        if (!segment.TryOverwriteInMemory(offset, bytes))
        {
            lock (_flushing)
            {
                segment.Overwrite(offset, bytes);
            }
        }

        lock (_gate)
        {
            List(segment);
        }
    }

    /// <summary>The segment; null when it does not exist.</summary>
    public PayloadSegment? TrySegment(int month, int number)
    {
        lock (_gate)
        {
            return _open.TryGetValue((month, number), out var open) ? open
                : files.Exists(Path.Combine(folder, PayloadSegment.FileName(month, number))) ? Segment(month, number) : null;
        }
    }

    /// <summary>Returns when everything put or changed before the call is on stable storage.</summary>
    public void Sync()
    {
        lock (_flushing)
        {
            lock (_gate)
            {
                (_changed, _flushed) = (_flushed, _changed);
                foreach (var segment in _flushed)
                {
                    segment.Listed = false;
                }
            }

            foreach (var segment in _flushed)
            {
                segment.Sync();
            }

            _flushed.Clear();
            if (_closing.IsFaulted)
            {
                _closing.GetAwaiter().GetResult();
            }
        }
    }

    public void DeleteMonth(int month)
    {
        lock (_flushing)
        {
            lock (_indexing)
            {
                lock (_gate)
                {
                    foreach (var key in _open.Keys.Where(k => k.Month == month).ToArray())
                    {
                        _open[key].Dispose();
                        _open.Remove(key);
                    }

                    if (_active?.Month == month)
                    {
                        _active = null;
                    }
                }

                files.DeleteFolder(Path.Combine(folder, PayloadLocation.MonthName(month)));
                files.SyncDirectory(folder);
            }
        }
    }

    /// <summary>Writes what has gathered, unless the storage failed, and closes the files.</summary>
    public void Dispose()
    {
        try
        {
            _closing.Wait();
            Sync();
            _active?.Finish();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or AggregateException)
        {
            // Nothing of it was acknowledged.
        }

        foreach (var segment in _open.Values)
        {
            segment.Dispose();
        }
    }

    // Runs of rows that lie near each other: where the first lies, the bytes up to the end of the last one's header, and which rows.
    private static List<(PayloadLocation First, int Length, int From, int End)> Windows(PayloadLocation[] sorted)
    {
        const int Near = 16 << 10;
        var windows = new List<(PayloadLocation, int, int, int)>();
        for (var (from, end) = (0, 0); from < sorted.Length; from = end)
        {
            var first = sorted[from];
            for (end = from + 1; end < sorted.Length; end++)
            {
                if ((sorted[end].Month, sorted[end].Segment) != (first.Month, first.Segment)
                    || sorted[end].Offset - sorted[end - 1].Offset > Near
                    || sorted[end].Offset - first.Offset > LargestWindow - PayloadFrame.HeaderSize)
                {
                    break;
                }
            }

            windows.Add((first, (int)(sorted[end - 1].Offset - first.Offset) + PayloadFrame.HeaderSize, from, end));
        }

        return windows;
    }

    private void List(PayloadSegment segment)
    {
        if (!segment.Listed)
        {
            segment.Listed = true;
            _changed.Add(segment);
        }
    }

    private SubjectIndex? Growing(int month, int number) => _open.GetValueOrDefault((month, number))?.Growing;

    private IReadOnlyList<uint> Offsets(int month, int number, IFile? index, UInt128 tag)
    {
        lock (_gate)
        {
            if (Growing(month, number) is { } growing)
            {
                return growing.Find(tag);
            }
        }

        if (index is not null)
        {
            return SubjectIndex.Find(index, tag);
        }

        // The segment may have been given its index file just now.
        using var saved = SubjectIndex.Expect(files, IndexPath(month, number), tag);
        if (saved is not null)
        {
            return SubjectIndex.Find(saved, tag);
        }

        lock (_gate)
        {
            return Rebuild(Segment(month, number)).Find(tag);
        }
    }

    private void Roll(int month)
    {
        if (_active is { } full)
        {
            _closing = CloseAsync(full, _closing);
        }

        var numbers = Segments(month);
        var monthFolder = Path.Combine(folder, PayloadLocation.MonthName(month));
        if (numbers.Count == 0)
        {
            files.CreateDirectory(monthFolder);
            files.SyncDirectory(folder);
        }

        var next = Segment(month, numbers.Count == 0 ? 0 : numbers[^1] + 1);
        files.SyncDirectory(monthFolder);
        next.Grow(Interlocked.Exchange(ref _spareIndex, null) ?? new SubjectIndex());
        _active = next;
    }

    // Gives a full segment its index file. Until that is there the rows stay in memory; after a crash they are rebuilt from the frames.
    private async Task CloseAsync(PayloadSegment full, Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        lock (_flushing)
        {
            full.Finish();
        }

        lock (_indexing)
        {
            SubjectIndex? rows;
            lock (_gate)
            {
                rows = _open.ContainsValue(full) ? full.Growing : null;
            }

            if (rows is null)
            {
                return;
            }

            // Nothing adds rows any more, and what removes them waits for this lock.
            rows.Save(files, IndexPath(full.Month, full.Number));
            lock (_gate)
            {
                full.Rest();
            }

            rows.Clear();
            _spareIndex = rows;
        }
    }

    private SubjectIndex Rebuild(PayloadSegment segment)
    {
        var index = new SubjectIndex();
        segment.Scan(locate, (offset, frame) =>
        {
            if (!PayloadFrame.IsErased(frame))
            {
                index.Add(tagOf(PayloadFrame.KeyRefOf(frame), PayloadFrame.Subject(frame).ToArray()), (uint)offset);
            }
        });
        return index;
    }

    private PayloadSegment Segment(int month, int number)
    {
        if (!_open.TryGetValue((month, number), out var segment))
        {
            segment = PayloadSegment.Open(files, folder, month, number, _recent, ahead);
            _open.Add((month, number), segment);
        }

        return segment;
    }

    private string IndexPath(int month, int number) => Path.Combine(folder, Path.ChangeExtension(PayloadSegment.FileName(month, number), ".idx"));
}

/// <param name="header">The frame's header; valid during the call.</param>
internal delegate void PayloadRowVisitor(PayloadSegment segment, long offset, ReadOnlySpan<byte> header);

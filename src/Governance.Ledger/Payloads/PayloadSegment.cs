using System.Globalization;

namespace Governance.Ledger;

/// <summary>
/// Payload frames of one month in one file. Places are handed out in order to many threads at once and gather in memory until they are
/// written together; what a reader asks for is found in either place. A crash may leave a hole, and leaves the zeros that lay ahead; a scan steps
/// over both. A place that was ever written is never handed out again. A full segment holds no buffers, and its file is open while it is used or
/// among those used last.
/// </summary>
internal sealed class PayloadSegment : IDisposable
{
    private readonly Func<IFile> _openFile;
    private readonly RecentSegments _recent;
    private readonly ReservedTail _tail;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _filled = new(initialState: false);
    private FrameGroup _open = new();
    private FrameGroup _spare = new();
    private FrameGroup? _leaving;
    private IFile? _file;
    private int _users;
    private long _end;
    private bool _unsynced;
    private string? _failure;
    private bool _disposed;

    private PayloadSegment(int month, int number, Func<IFile> openFile, RecentSegments recent, int ahead)
    {
        (Month, Number, _openFile, _recent) = (month, number, openFile, recent);
        _file = openFile();
        _end = _file.Length;
        _tail = new ReservedTail(_end, ahead);
    }

    public int Month { get; }

    public int Number { get; }

    /// <summary>End of the last place handed out.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>Rows of the frames while they are not in an index file; null afterwards. Guarded by the store's files.</summary>
    public SubjectIndex? Growing { get; private set; }

    /// <summary>Guarded by the store's files: already among those to be flushed.</summary>
    public bool Listed { get; set; }

    public static string FileName(int month, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{PayloadLocation.MonthName(month)}/{number:d5}.pay");

    /// <param name="ahead">Bytes of zeros kept ahead of the frames while they are written.</param>
    public static PayloadSegment Open(IFileLayer files, string folder, int month, int number, RecentSegments recent, int ahead) =>
        new(month, number, () => files.OpenWrite(Path.Combine(folder, FileName(month, number))), recent, ahead);

    /// <summary>It takes frames, whose rows are kept here.</summary>
    public void Grow(SubjectIndex rows)
    {
        lock (_gate)
        {
            Growing = rows;
        }
    }

    /// <summary>It is full, all of it is on stable storage, and its rows are in an index file.</summary>
    public void Rest()
    {
        lock (_gate)
        {
            Growing = null;
            (_open, _spare) = (new FrameGroup(), new FrameGroup());
        }

        _recent.Used(this);
    }

    /// <summary>Closes the file, which is opened again when it is used.</summary>
    public void CloseUnlessUsed()
    {
        lock (_gate)
        {
            if (_users == 0 && Growing is null && !_unsynced)
            {
                _file?.Dispose();
                _file = null;
            }
        }
    }

    /// <summary>Hands out a place for a frame. It must be filled by <see cref="Put"/> or given up by <see cref="Abandon"/>, soon.</summary>
    public PayloadPlace Reserve(int length)
    {
        lock (_gate)
        {
            var offset = _end;
            _open.Reserve(offset, length);
            Volatile.Write(ref _end, offset + length);
            return new PayloadPlace(this, _open, (uint)offset, length);
        }
    }

    /// <summary>Fills a place. Returns the bytes that wait to be written.</summary>
    public int Put(PayloadPlace place, ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            place.Group.Put(place.Offset, frame);
            Tell(place.Group);
            return _open.Length;
        }
    }

    public void Abandon(PayloadPlace place)
    {
        lock (_gate)
        {
            place.Group.Abandon(place.Offset, place.Length);
            Tell(place.Group);
        }
    }

    /// <summary>Reads from the file and from what waits to be written; returns the bytes read, fewer only at the end.</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        using var held = Hold();
        var total = 0;
        while (total < buffer.Length)
        {
            var rest = buffer[total..];
            int read;
            lock (_gate)
            {
                var at = offset + total;
                read = ReadMemory(at, rest);
                rest = rest[..(int)Math.Min(rest.Length, Math.Max(0, NextInMemory(at) - at))];
            }

            read = read > 0 ? read : held.File.Read(offset + total, rest);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    /// <summary>Says that the range of the file will be read soon.</summary>
    public void Expect(long offset, int length)
    {
        using var held = Hold();
        held.File.Expect(offset, length);
    }

    /// <summary>Changes bytes inside a frame in memory; false when it is written already, or just being written.</summary>
    public bool TryOverwriteInMemory(long offset, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (!_open.Holds(offset))
            {
                return false;
            }

            _open.Overwrite(offset, bytes);
            return true;
        }
    }

    /// <summary>Changes bytes inside a frame in the file. One caller at a time with <see cref="WriteOut"/> and <see cref="Sync"/>.</summary>
    public void Overwrite(long offset, ReadOnlySpan<byte> bytes)
    {
        if (!_disposed)
        {
            ThrowIfFailed();
            using var held = Hold();
            held.File.Write(offset, bytes);
            _unsynced = true;
        }
    }

    /// <summary>Writes what has gathered, after waiting for places that are being filled. One caller at a time.</summary>
    public void WriteOut()
    {
        FrameGroup group;
        lock (_gate)
        {
            if (_open.Length == 0 || _disposed)
            {
                return;
            }

            ThrowIfFailed();
            (group, _open, _leaving) = (_open, _spare, _open);
        }

        // Mostly nobody is between reserving and filling a place, or is done in some microseconds.
        for (var wait = default(SpinWait); !group.IsComplete && !wait.NextSpinWillYield; wait.SpinOnce())
        {
        }

        while (!group.IsComplete)
        {
            _filled.WaitOne();
        }

        Try(file => _tail.Write(file, group.Start, group.Bytes));
        _unsynced = true;
        lock (_gate)
        {
            _leaving = null;
            group.Reset();
            _spare = group;
        }
    }

    /// <summary>Returns when everything put before the call is on stable storage. One caller at a time.</summary>
    public void Sync()
    {
        WriteOut();
        if (_unsynced && !_disposed)
        {
            ThrowIfFailed();
            Try(file => file.Sync());
            _unsynced = false;
        }
    }

    /// <summary>Makes everything durable and cuts the zeros ahead: the segment takes no more frames. One caller at a time.</summary>
    public void Finish()
    {
        Sync();
        if (!_disposed)
        {
            Try(file => _tail.Trim(file, End));
        }
    }

    /// <summary>Calls <paramref name="visit"/> with the place and the bytes of every whole frame in the file.</summary>
    public void Scan(Func<KeyRef, PayloadLocation> locate, PayloadVisitor visit)
    {
        using var held = Hold();
        PayloadScan.Scan(held.File, (at, keyRef) => locate(keyRef) == new PayloadLocation(Month, Number, (uint)at), visit);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _file?.Dispose();
            _file = null;
        }

        _filled.Dispose();
    }

    private HeldFile Hold()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _file ??= _openFile();
            _users++;
            return new HeldFile(this, _file);
        }
    }

    private void LetGo()
    {
        bool idle;
        lock (_gate)
        {
            idle = --_users == 0 && Growing is null;
        }

        if (idle)
        {
            _recent.Used(this);
        }
    }

    private void Tell(FrameGroup group)
    {
        if (group == _leaving && group.IsComplete)
        {
            _filled.Set();
        }
    }

    private int ReadMemory(long at, Span<byte> buffer) =>
        _leaving is { } leaving && leaving.Holds(at) ? leaving.Read(at, buffer) : _open.Holds(at) ? _open.Read(at, buffer) : 0;

    private long NextInMemory(long at) => Math.Min(
        _leaving is { } leaving && leaving.Start > at ? leaving.Start : long.MaxValue, _open.Length > 0 && _open.Start > at ? _open.Start : long.MaxValue);

    // A write that failed must never be taken for done by the next flush, which the system may well answer with success.
    private void Try(Action<IFile> call)
    {
        try
        {
            using var held = Hold();
            call(held.File);
        }
        catch (Exception e)
        {
            _failure = e.Message;
            throw;
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw new IOException("An earlier write to the payload file failed: " + failure);
        }
    }

    /// <summary>The file, open until disposed of.</summary>
    private readonly ref struct HeldFile(PayloadSegment segment, IFile file)
    {
        public IFile File => file;

        public void Dispose() => segment.LetGo();
    }
}

/// <summary>A place handed out in a segment.</summary>
internal readonly record struct PayloadPlace(PayloadSegment Segment, FrameGroup Group, uint Offset, int Length);

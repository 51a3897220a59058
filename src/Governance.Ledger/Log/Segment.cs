using System.Buffers.Binary;

namespace Governance.Ledger;

/// <summary>
/// A run of frames in one file. Header of 32 bytes: magic, first index u64, creation time in Unix seconds i64, zeros u32, CRC-32C u32 over the
/// rest. Beside it lies an index of u32 file offsets, one per entry, derived from the frames and rebuilt from them when it is short.
/// Readers may run beside the one writer.
/// </summary>
internal sealed class Segment : IDisposable
{
    public const int HeaderSize = 32;
    private const int CopySize = 1 << 20;
    private static ReadOnlySpan<byte> Magic => "GOVLEDG1"u8;

    private readonly IFile _frames;
    private readonly ReservedTail _tail;
    private IFile _index;
    private bool _indexDirty;

    private Segment(long firstIndex, DateTimeOffset created, IFile frames, IFile index, int ahead)
    {
        FirstIndex = firstIndex;
        Created = created;
        _frames = frames;
        _index = index;
        Length = frames.Length;
        _tail = new ReservedTail(Length, ahead);
    }

    public long FirstIndex { get; }

    public DateTimeOffset Created { get; }

    /// <summary>Bytes in use; what lies beyond, frames or zeros, is not part of the log.</summary>
    public long Length { get; private set; }

    /// <summary>Entries whose offsets are in the index file.</summary>
    public long IndexedEntries => _index.Length / sizeof(uint);

    /// <param name="ahead">Bytes of zeros kept ahead of the frames while they are written.</param>
    public static Segment Create(IFileLayer files, string folder, long firstIndex, DateTimeOffset now, int ahead)
    {
        var frames = files.OpenWrite(Path.Combine(folder, LedgerPaths.Segment(firstIndex)));
        IFile? index = null;
        try
        {
            Span<byte> header = stackalloc byte[HeaderSize];
            header.Clear();
            Magic.CopyTo(header);
            BinaryPrimitives.WriteInt64LittleEndian(header[8..], firstIndex);
            BinaryPrimitives.WriteInt64LittleEndian(header[16..], now.ToUnixTimeSeconds());
            BinaryPrimitives.WriteUInt32LittleEndian(header[28..], Crc32C.Compute(header[..28]));
            frames.SetLength(0);
            frames.Write(0, header);
            frames.Sync();
            index = files.OpenWrite(Path.Combine(folder, LedgerPaths.SegmentIndex(firstIndex)));
            index.SetLength(0);
            files.SyncDirectory(Path.Combine(folder, LedgerPaths.Segments));
            return new Segment(firstIndex, now, frames, index, ahead);
        }
        catch
        {
            frames.Dispose();
            index?.Dispose();
            throw;
        }
    }

    /// <exception cref="LedgerDamagedException">The header is not that of the segment with this first index.</exception>
    public static Segment Open(IFileLayer files, string folder, long firstIndex, bool write, int ahead = 0)
    {
        var name = LedgerPaths.Segment(firstIndex);
        var frames = write ? files.OpenWrite(Path.Combine(folder, name)) : files.OpenRead(Path.Combine(folder, name));
        try
        {
            if (ReadHeader(frames) is not { } header || header.FirstIndex != firstIndex)
            {
                throw new LedgerDamagedException(new LedgerFinding(
                    LedgerFault.BytesDamaged, name, "The segment header is damaged.", firstIndex, 0, HeaderSize));
            }

            return new Segment(firstIndex, header.Created, frames, OpenIndex(files, Path.Combine(folder, LedgerPaths.SegmentIndex(firstIndex)), write), ahead);
        }
        catch
        {
            frames.Dispose();
            throw;
        }
    }

    /// <summary>True when the file is a segment just being created when the process died: no whole header, hence no entry.</summary>
    public static bool IsStillborn(IFileLayer files, string folder, long firstIndex)
    {
        using var frames = files.OpenRead(Path.Combine(folder, LedgerPaths.Segment(firstIndex)));
        if (frames.Length > HeaderSize || ReadHeader(frames) is not null)
        {
            return false;
        }

        // A header torn by the crash is short or still holds zeros; anything else was once a header.
        Span<byte> header = stackalloc byte[HeaderSize];
        var read = frames.Read(0, header);
        return read < HeaderSize || header.IndexOfAnyExcept((byte)0) < 0;
    }

    public static (long FirstIndex, DateTimeOffset Created)? ReadHeader(IFile frames)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        return frames.Read(0, header) == HeaderSize
            && header[..8].SequenceEqual(Magic)
            && BinaryPrimitives.ReadUInt32LittleEndian(header[28..]) == Crc32C.Compute(header[..28])
            && BinaryPrimitives.ReadInt64LittleEndian(header[16..]) is >= 0 and < 253_402_300_800 and var seconds
                ? (BinaryPrimitives.ReadInt64LittleEndian(header[8..]), DateTimeOffset.FromUnixTimeSeconds(seconds))
                : null;
    }

    /// <summary>Writes sealed frames at the end and waits until they are on stable storage.</summary>
    public void Append(ReadOnlySpan<byte> frames)
    {
        _tail.Write(_frames, Length, frames);
        _frames.Sync();
        Length += frames.Length;
    }

    /// <summary>Cuts the zeros ahead, durably: the segment takes no more frames.</summary>
    public void Finish() => _tail.Trim(_frames, Length);

    /// <summary>Records the offsets of entries from <paramref name="index"/> on. Derived data: synced by <see cref="SyncIndex"/>.</summary>
    public void WriteOffsets(long index, ReadOnlySpan<byte> offsets)
    {
        _index.Write((index - FirstIndex) * sizeof(uint), offsets);
        Volatile.Write(ref _indexDirty, true);
    }

    /// <summary>Makes the offsets durable: they are trusted up to a checkpoint, so this comes before it.</summary>
    public void SyncIndex()
    {
        if (Interlocked.Exchange(ref _indexDirty, false))
        {
            _index.Sync();
        }
    }

    /// <summary>
    /// Cuts the segment to its first <paramref name="length"/> bytes and its index to <paramref name="entries"/>. What lies from
    /// <paramref name="unproven"/> on is written again as it was read, so that the flush has something to flush: what an earlier writer left in the
    /// page cache becomes part of the log only once it is on stable storage.
    /// </summary>
    public void Settle(long unproven, long length, long entries)
    {
        _tail.Trim(_frames, length);
        CopyFrom(unproven, length, _frames.Write);
        _frames.Sync();

        if (_index.Length != entries * sizeof(uint))
        {
            _index.SetLength(entries * sizeof(uint));
        }

        Length = length;
    }

    /// <summary>The entry's bytes as stored; null when the index leads nowhere sensible. Not verified: the caller compares its leaf hash.</summary>
    public byte[]? Read(long index)
    {
        var offset = OffsetOf(index);
        Span<byte> head = stackalloc byte[512];
        if (offset is not { } at || _frames.Read(at, head) is var read && read < 2)
        {
            return null;
        }

        var entry = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        var known = Math.Min(entry.Length, read - 2);
        head.Slice(2, known).CopyTo(entry);
        return known == entry.Length || _frames.Read(at + 2 + known, entry.AsSpan(known)) == entry.Length - known ? entry : null;
    }

    /// <summary>Where the frame after entry <paramref name="index"/> begins, when that entry ends a frame; null when the index file cannot say.</summary>
    public long? EndOf(long index)
    {
        Span<byte> length = stackalloc byte[2];
        return OffsetOf(index) is { } at && _frames.Read(at, length) == 2 ? at + 2 + BinaryPrimitives.ReadUInt16BigEndian(length) : null;
    }

    public int ReadFrames(long offset, Span<byte> buffer) => _frames.Read(offset, buffer);

    /// <summary>The first <paramref name="length"/> bytes of the file in order, in pieces.</summary>
    public void CopyTo(long length, Action<ReadOnlySpan<byte>> sink) => CopyFrom(0, length, (_, piece) => sink(piece));

    /// <summary>Rebuilds the index from the frames, in memory, up to the entry before <paramref name="end"/>; false when the frames do not get there.</summary>
    public bool ReindexInMemory(long end)
    {
        var index = new MemoryFile();
        var scanner = new SegmentScanner(this, HeaderSize, FirstIndex);
        while (scanner.Index < end)
        {
            var (at, first) = (scanner.Offset, scanner.Index);
            if (scanner.Next(out var frame, out var count) != ScanResult.Frame)
            {
                return false;
            }

            index.Write((first - FirstIndex) * sizeof(uint), EntryOffsets(frame, at, count));
        }

        _index.Dispose();
        _index = index;
        return true;
    }

    /// <summary>The index bytes of a frame that lies at <paramref name="position"/>.</summary>
    public static byte[] EntryOffsets(ReadOnlySpan<byte> frame, long position, int count)
    {
        var offsets = new byte[count * sizeof(uint)];
        var at = Frame.HeaderSize;
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(offsets.AsSpan(i * sizeof(uint)), (uint)(position + at));
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(frame[at..]);
        }

        return offsets;
    }

    public void Dispose()
    {
        _frames.Dispose();
        _index.Dispose();
    }

    private void CopyFrom(long offset, long end, Action<long, ReadOnlySpan<byte>> sink)
    {
        var buffer = new byte[Math.Clamp(end - offset, 0, CopySize)];
        while (offset < end)
        {
            var read = _frames.Read(offset, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - offset)));
            if (read == 0)
            {
                throw new IOException("The segment is shorter than it was.");
            }

            sink(offset, buffer.AsSpan(0, read));
            offset += read;
        }
    }

    // A reader must not write; where the index is missing or short it keeps its own in memory.
    private static IFile OpenIndex(IFileLayer files, string path, bool write) =>
        write ? files.OpenWrite(path) : files.Exists(path) ? files.OpenRead(path) : new MemoryFile();

    /// <summary>Where the entry lies, as the index has it; null when the index is too short.</summary>
    public long? OffsetOf(long index)
    {
        Span<byte> offset = stackalloc byte[sizeof(uint)];
        return _index.Read((index - FirstIndex) * sizeof(uint), offset) == sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(offset) : null;
    }
}

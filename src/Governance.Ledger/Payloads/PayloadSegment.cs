using System.Globalization;

namespace Governance.Ledger;

/// <summary>
/// Payload frames of one month in one file. Frames are written at places handed out in order, by many threads at once, so a crash may leave a
/// hole; a scan steps over holes. Places are never handed out twice.
/// </summary>
internal sealed class PayloadSegment : IDisposable
{
    private readonly IFile _file;
    private long _end;

    private PayloadSegment(int month, int number, IFile file)
    {
        (Month, Number, _file) = (month, number, file);
        _end = file.Length;
    }

    public int Month { get; }

    public int Number { get; }

    /// <summary>End of the last place handed out.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>Written since the last <see cref="Sync"/>.</summary>
    public bool Dirty { get; private set; }

    public static string FileName(int month, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{PayloadLocation.MonthName(month)}/{number:d5}.pay");

    public static PayloadSegment Open(IFileLayer files, string folder, int month, int number) =>
        new(month, number, files.OpenWrite(Path.Combine(folder, FileName(month, number))));

    /// <summary>Hands out a place for a frame. Caller holds the store's allocation lock.</summary>
    public uint Reserve(int length)
    {
        var offset = _end;
        Volatile.Write(ref _end, offset + length);
        return (uint)offset;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        _file.Write(offset, bytes);
        Dirty = true;
    }

    public int Read(long offset, Span<byte> buffer) => _file.Read(offset, buffer);

    public void Sync()
    {
        if (Dirty)
        {
            Dirty = false;
            _file.Sync();
        }
    }

    /// <summary>Calls <paramref name="visit"/> with the place and the bytes of every whole frame in the file.</summary>
    public void Scan(Func<KeyRef, PayloadLocation> locate, PayloadVisitor visit)
    {
        var buffer = new byte[1 << 20];
        var (start, filled) = (0L, 0);
        var length = _file.Length;
        ReadOnlySpan<byte> Window(long at, long count)
        {
            if (count > length - at)
            {
                return default;
            }

            if (at < start || at + count > start + filled)
            {
                if (count > buffer.Length)
                {
                    buffer = new byte[count];
                }

                start = at;
                filled = _file.Read(at, buffer);
            }

            return buffer.AsSpan((int)(at - start), (int)count);
        }

        for (long at = 0; at + PayloadFrame.HeaderSize <= length;)
        {
            var header = Window(at, PayloadFrame.HeaderSize);
            if (PayloadFrame.HasKnownState(header)
                && locate(PayloadFrame.KeyRefOf(header)) == new PayloadLocation(Month, Number, (uint)at)
                && Window(at, PayloadFrame.HeaderSize + (long)PayloadFrame.SealedLength(header)) is { IsEmpty: false } frame
                && PayloadFrame.ChecksumHolds(frame))
            {
                visit((uint)at, frame);
                at += frame.Length;
            }
            else
            {
                at++;
            }
        }
    }

    public void Dispose() => _file.Dispose();
}

internal delegate void PayloadVisitor(uint offset, ReadOnlySpan<byte> frame);

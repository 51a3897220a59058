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
    public void Scan(Func<KeyRef, PayloadLocation> locate, PayloadVisitor visit) =>
        PayloadScan.Scan(_file, (at, keyRef) => locate(keyRef) == new PayloadLocation(Month, Number, (uint)at), visit);

    public void Dispose() => _file.Dispose();
}

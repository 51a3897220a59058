namespace Governance.Ledger;

/// <summary>A file in memory, for derived data of folders that must not be written.</summary>
internal sealed class MemoryFile : IFile
{
    private byte[] _bytes = [];

    public long Length { get; private set; }

    public int Read(long offset, Span<byte> buffer)
    {
        var count = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        _bytes.AsSpan((int)Math.Min(offset, Length), count).CopyTo(buffer);
        return count;
    }

    public void Expect(long offset, int length)
    {
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        SetLength(Math.Max(Length, offset + bytes.Length));
        bytes.CopyTo(_bytes.AsSpan((int)offset));
    }

    public void SetLength(long length)
    {
        if (length > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Max(length, _bytes.Length * 2L));
        }

        Length = length;
    }

    public void Sync()
    {
    }

    public void Dispose()
    {
    }
}

namespace Governance.Ledger;

/// <summary>
/// Keeps a file that is written at its end longer than that: zeros lie ahead. A flush of a file that grows waits for the file system's journal as well; one of
/// bytes that lie within it does not, and takes half as long. A large write, of which there are few, grows the file by itself. One caller at a time.
/// </summary>
/// <param name="length">Bytes of the file now.</param>
/// <param name="ahead">Bytes of zeros written ahead, 0 to <see cref="Usual"/>.</param>
internal sealed class ReservedTail(long length, int ahead)
{
    /// <summary>What a log of some thousand entries a second uses up in a tenth of a second: seldom enough, and soon written.</summary>
    public const int Usual = 256 << 10;
    private static readonly byte[] Zeros = new byte[Usual];
    private long _length = length;

    /// <summary>Writes, and zeros ahead of it when what lay there is used up. They are flushed with the bytes.</summary>
    public void Write(IFile file, long offset, ReadOnlySpan<byte> bytes)
    {
        file.Write(offset, bytes);
        var end = offset + bytes.Length;
        if (end <= _length)
        {
            return;
        }

        if (bytes.Length <= ahead / 4)
        {
            file.Write(end, Zeros.AsSpan(0, ahead));
            end += ahead;
        }

        _length = end;
    }

    /// <summary>Cuts what lies beyond the length; durable on return.</summary>
    public void Trim(IFile file, long length)
    {
        if (_length > length)
        {
            file.SetLength(length);
            file.Sync();
            _length = length;
        }
    }
}

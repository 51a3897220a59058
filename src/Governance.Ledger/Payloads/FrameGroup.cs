namespace Governance.Ledger;

/// <summary>
/// Sealed frames that lie one after another in a segment and will share one write. A place is reserved before a frame is sealed, because the
/// frame's reference says where it lies; until it is put there, or given up, the group is not written. Guarded by its segment's lock but for
/// <see cref="IsComplete"/>.
/// </summary>
internal sealed class FrameGroup
{
    private const int InitialSize = 64 << 10;
    private const int KeptSize = 2 << 20;
    private byte[] _bytes = [];
    private int _reserved;

    /// <summary>Where the group lies in the segment.</summary>
    public long Start { get; private set; }

    public int Length { get; private set; }

    /// <summary>True when every reserved place was filled or given up.</summary>
    public bool IsComplete => Volatile.Read(ref _reserved) == 0;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    public void Reserve(long offset, int length)
    {
        if (Length == 0)
        {
            Start = offset;
        }

        if (Length + length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(InitialSize, Math.Max(Length + length, 2 * _bytes.Length)));
        }

        Length += length;
        _reserved++;
    }

    public void Put(long offset, ReadOnlySpan<byte> frame)
    {
        frame.CopyTo(_bytes.AsSpan((int)(offset - Start)));
        _reserved--;
    }

    /// <summary>Gives a reserved place up: a hole, which a scan steps over.</summary>
    public void Abandon(long offset, int length)
    {
        _bytes.AsSpan((int)(offset - Start), length).Clear();
        _reserved--;
    }

    public bool Holds(long offset) => offset >= Start && offset < Start + Length;

    /// <summary>Copies what the group holds from the offset on; returns the number of bytes.</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        var from = (int)(offset - Start);
        var count = Math.Min(buffer.Length, Length - from);
        _bytes.AsSpan(from, count).CopyTo(buffer);
        return count;
    }

    public void Overwrite(long offset, ReadOnlySpan<byte> bytes) => bytes.CopyTo(_bytes.AsSpan((int)(offset - Start), bytes.Length));

    public void Reset()
    {
        Length = 0;
        if (_bytes.Length > KeptSize)
        {
            _bytes = [];
        }
    }
}

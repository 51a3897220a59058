namespace Governance.Ledger;

/// <summary>Walks the frames of a segment in order, checking everything that can be checked without the tree.</summary>
internal sealed class SegmentScanner(Segment segment, long offset, long index)
{
    private const int Window = 4 << 20;
    private byte[] _buffer = new byte[Window];
    private long _start = offset;
    private int _filled;

    /// <summary>Where the next frame begins, and the index its first entry must have.</summary>
    public long Offset { get; private set; } = offset;

    public long Index { get; private set; } = index;

    /// <summary>
    /// Moves past the next frame. <see cref="ScanResult.Frame"/>: <paramref name="frame"/> (valid until the next call) has the right index,
    /// checksum and shape. <see cref="ScanResult.End"/>: the file ends exactly here, or with the zeros that its writer kept ahead.
    /// <see cref="ScanResult.Bad"/>: what lies here is no such frame.
    /// </summary>
    public ScanResult Next(out ReadOnlySpan<byte> frame, out int count)
    {
        frame = default;
        count = 0;
        var header = Peek(Frame.HeaderSize);
        if (header.IndexOfAnyExcept((byte)0) < 0 && OnlyZerosFollow())
        {
            return ScanResult.End;
        }

        if (header.Length < Frame.HeaderSize
            || !Frame.TryReadHeader(header, out var fields)
            || fields.FirstIndex != Index
            || Peek(Frame.HeaderSize + fields.BodyLength) is var whole && whole.Length < Frame.HeaderSize + fields.BodyLength
            || !Frame.ChecksumHolds(whole))
        {
            return ScanResult.Bad;
        }

        var body = whole[Frame.HeaderSize..];
        for (; !body.IsEmpty; count++)
        {
            if (!Frame.TryTakeEntry(ref body, out _))
            {
                return ScanResult.Bad;
            }
        }

        frame = whole;
        Offset += whole.Length;
        Index += count;
        return ScanResult.Frame;
    }

    /// <summary>
    /// True when, somewhere after the bad bytes here, stands a whole frame written when entries from <see cref="Index"/> on were already
    /// durable. Then these bytes are not a torn tail: acknowledged entries were damaged.
    /// </summary>
    public bool LaterFrameProvesDamage()
    {
        for (var at = Offset + 1; ; at++)
        {
            var header = PeekAt(at, Frame.HeaderSize);
            if (header.Length < Frame.HeaderSize)
            {
                return false;
            }

            // Indexes within reach of a segment: a cheap filter before the checksum.
            if (Frame.TryReadHeader(header, out var fields)
                && fields.DurableSize > Index
                && fields.FirstIndex - Index <= uint.MaxValue
                && PeekAt(at, Frame.HeaderSize + fields.BodyLength) is var frame
                && frame.Length == Frame.HeaderSize + fields.BodyLength
                && Frame.ChecksumHolds(frame))
            {
                return true;
            }
        }
    }

    private bool OnlyZerosFollow()
    {
        const int Piece = 64 << 10;
        for (var at = Offset; ; at += Piece)
        {
            var piece = PeekAt(at, Piece);
            if (piece.IndexOfAnyExcept((byte)0) >= 0)
            {
                return false;
            }

            if (piece.Length < Piece)
            {
                return true;
            }
        }
    }

    private ReadOnlySpan<byte> Peek(int length) => PeekAt(Offset, length);

    // Up to length bytes at the position; fewer only where the segment ends.
    private ReadOnlySpan<byte> PeekAt(long at, int length)
    {
        if (at < _start || at + length > _start + _filled)
        {
            if (length > _buffer.Length)
            {
                _buffer = new byte[length];
            }

            _start = at;
            var left = Math.Max(0, segment.Length - at);
            _filled = segment.ReadFrames(at, _buffer.AsSpan(0, (int)Math.Min(left, _buffer.Length)));
        }

        var from = (int)(at - _start);
        return _buffer.AsSpan(from, Math.Min(length, _filled - from));
    }
}

internal enum ScanResult
{
    Frame,
    End,
    Bad,
}

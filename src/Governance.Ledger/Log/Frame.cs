using System.Buffers.Binary;

namespace Governance.Ledger;

/// <summary>
/// One atomic append on disk: header, then entries each prefixed by its length as a big-endian uint16 (the bytes of a C2SP entry bundle).
/// Header, little-endian: body length u32, CRC-32C u32 over everything else, first index u64, and how many entries before this frame were
/// not yet durable when it was written, u32. The last field lets recovery tell a torn tail (nothing after it was acknowledged) from damage.
/// </summary>
internal static class Frame
{
    public const int HeaderSize = 20;
    public const int MaximumEntry = ushort.MaxValue;
    public const int MaximumBody = 16 * 1024 * 1024;

    public static void WriteEntry(Span<byte> destination, ReadOnlySpan<byte> entry)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)entry.Length);
        entry.CopyTo(destination[2..]);
    }

    /// <summary>Completes the header of <paramref name="frame"/>, whose body is in place.</summary>
    public static void Seal(Span<byte> frame, long firstIndex, long durableSize)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)(frame.Length - HeaderSize));
        BinaryPrimitives.WriteInt64LittleEndian(frame[8..], firstIndex);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[16..], (uint)(firstIndex - durableSize));
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Checksum(frame));
    }

    /// <summary>Reads the header's plain fields; false when no frame can begin with these 20 bytes.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out FrameHeader result)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        var first = BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
        var behind = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        result = new FrameHeader((int)Math.Min(length, int.MaxValue), first, first - behind);
        return length is >= 2 and <= MaximumBody && first >= 0 && behind <= first;
    }

    public static bool ChecksumHolds(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]) == Checksum(frame);

    /// <summary>Cuts the next entry off a body; false when the body is not made of whole entries.</summary>
    public static bool TryTakeEntry(ref ReadOnlySpan<byte> body, out ReadOnlySpan<byte> entry)
    {
        entry = default;
        if (body.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(body) is var length && body.Length < 2 + length)
        {
            return false;
        }

        entry = body.Slice(2, length);
        body = body[(2 + length)..];
        return true;
    }

    private static uint Checksum(ReadOnlySpan<byte> frame) => Crc32C.Compute(frame[8..], Crc32C.Compute(frame[..4]));
}

/// <param name="BodyLength">Bytes after the header.</param>
/// <param name="DurableSize">Entries of the log that were on stable storage before this frame was written.</param>
internal readonly record struct FrameHeader(int BodyLength, long FirstIndex, long DurableSize);

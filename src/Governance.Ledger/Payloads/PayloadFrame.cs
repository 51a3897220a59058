using System.Buffers.Binary;

namespace Governance.Ledger;

/// <summary>
/// One payload on disk. Header, little-endian: length of the sealed block u32, state u8, three zeros, CRC-32C u32 over all but itself and the
/// log index, log index i64, key reference (16), masked subject (16). Then the sealed block: nonce ‖ ciphertext ‖ tag. The key reference
/// encodes the frame's own place, so a frame is recognised wherever a reader lands. An erased frame keeps length and key reference; its
/// subject field names the erasure and its block is zeros.
/// </summary>
internal static class PayloadFrame
{
    public const int HeaderSize = 52;
    public const int NonceSize = 12;
    public const int TagSize = 16;
    public const int BlindSize = 32;
    public const int Overhead = NonceSize + TagSize + BlindSize;
    public const int LogIndexOffset = 12;
    public const byte Live = 0xA5;
    public const byte Erased = 0x5A;

    public static void WriteHeader(Span<byte> frame, byte state, KeyRef keyRef, ReadOnlySpan<byte> subject)
    {
        frame[..HeaderSize].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)(frame.Length - HeaderSize));
        frame[4] = state;
        BinaryPrimitives.WriteInt64LittleEndian(frame[LogIndexOffset..], -1);
        keyRef.CopyTo(frame[20..]);
        subject.CopyTo(frame[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], Checksum(frame));
    }

    public static int SealedLength(ReadOnlySpan<byte> header) => (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(header), int.MaxValue);

    public static bool HasKnownState(ReadOnlySpan<byte> header) => header[4] is Live or Erased && (header[5] | header[6] | header[7]) == 0;

    public static bool IsErased(ReadOnlySpan<byte> header) => header[4] == Erased;

    public static KeyRef KeyRefOf(ReadOnlySpan<byte> header) => KeyRef.Read(header[20..]);

    public static ReadOnlySpan<byte> Subject(ReadOnlySpan<byte> header) => header.Slice(36, 16);

    public static long LogIndex(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt64LittleEndian(header[LogIndexOffset..]);

    public static bool ChecksumHolds(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt32LittleEndian(frame[8..]) == Checksum(frame);

    private static uint Checksum(ReadOnlySpan<byte> frame) => Crc32C.Compute(frame[20..], Crc32C.Compute(frame[..8]));
}

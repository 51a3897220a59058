using System.Buffers.Binary;
using System.Globalization;

namespace Governance.Ledger;

/// <summary>Where a payload lies.</summary>
/// <param name="Month">Months since January of year 0.</param>
internal readonly record struct PayloadLocation(int Month, int Segment, uint Offset)
{
    /// <summary>
    /// Makes the key reference of a new payload: 64 random bits, then the location encrypted with them. No index from reference to place is
    /// needed, and without the locator key the reference is noise.
    /// </summary>
    public KeyRef ToKeyRef(ulong high, ReadOnlySpan<byte> locatorKey)
    {
        var place = ((ulong)(ushort)Month << 48) | ((ulong)(ushort)Segment << 32) | Offset;
        return new KeyRef(new UInt128(high, place ^ Pad(locatorKey, high)));
    }

    /// <summary>Where a payload of this reference would lie; for a reference that is not the store's, somewhere meaningless.</summary>
    public static PayloadLocation Of(KeyRef keyRef, ReadOnlySpan<byte> locatorKey)
    {
        var high = (ulong)(keyRef.Value >> 64);
        var place = (ulong)keyRef.Value ^ Pad(locatorKey, high);
        return new PayloadLocation((int)(place >> 48), (int)(place >> 32) & 0xffff, (uint)place);
    }

    public static int MonthOf(DateTimeOffset time) => time.UtcDateTime.Year * 12 + time.UtcDateTime.Month - 1;

    public static string MonthName(int month) => string.Create(CultureInfo.InvariantCulture, $"{month / 12:d4}-{month % 12 + 1:d2}");

    public static int? ParseMonth(string name) =>
        name.Length == 7 && name[4] == '-'
        && int.TryParse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year)
        && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var month)
        && month is >= 1 and <= 12
            ? year * 12 + month - 1
            : null;

    private static ulong Pad(ReadOnlySpan<byte> key, ulong nonce)
    {
        Span<byte> block = stackalloc byte[AesBlock.Size];
        BinaryPrimitives.WriteUInt128BigEndian(block, nonce);
        AesBlock.Encrypt(key, block, block);
        return BinaryPrimitives.ReadUInt64BigEndian(block);
    }
}

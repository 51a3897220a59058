using System.Buffers.Binary;
using System.Globalization;

namespace Governance.Ledger;

/// <summary>
/// Names one sealed payload: 16 bytes that look random to anyone without the store's keys, so two of them never show that they belong to one
/// subject. Never reused. Immutable.
/// </summary>
public readonly record struct KeyRef(UInt128 Value)
{
    /// <summary>Bytes in a key reference.</summary>
    public const int Size = 16;

    public static KeyRef Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>Reads 32 hexadecimal digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out KeyRef keyRef)
    {
        var valid = UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && text.Length == 32;
        keyRef = valid ? new KeyRef(value) : default;
        return valid;
    }

    public void CopyTo(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}

namespace Governance.Checks.Tallies;

/// <summary>Doubles as unsigned integers of the same order; −0 becomes 0 and every NaN the one key above infinity.</summary>
internal static class SortableDouble
{
    private const ulong Sign = 1UL << 63;
    private const ulong QuietNaN = 0x7FF8UL << 48;

    public static ulong Encode(double value)
    {
        if (double.IsNaN(value))
        {
            return QuietNaN | Sign;
        }

        var bits = BitConverter.DoubleToUInt64Bits(value + 0.0);
        return (bits & Sign) == 0 ? bits | Sign : ~bits;
    }

    public static double Decode(ulong key) => BitConverter.UInt64BitsToDouble((key & Sign) != 0 ? key & ~Sign : ~key);
}

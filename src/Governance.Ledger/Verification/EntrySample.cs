using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>Draws entries that whoever keeps the log cannot foresee.</summary>
internal static class EntrySample
{
    /// <summary><paramref name="count"/> different indexes below <paramref name="size"/>, ascending; all of them when there are no more.</summary>
    public static IEnumerable<long> Draw(int count, long size)
    {
        var drawn = new SortedSet<long>();
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        while (drawn.Count < Math.Min(count, size))
        {
            RandomNumberGenerator.Fill(bytes);
            drawn.Add((long)(BinaryPrimitives.ReadUInt64LittleEndian(bytes) % (ulong)size));
        }

        return drawn;
    }
}

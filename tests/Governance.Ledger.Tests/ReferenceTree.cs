using System.Security.Cryptography;

namespace Governance.Ledger.Tests;

/// <summary>RFC 6962 section 2.1 transcribed recursively over a list of entries: slow, and independent of the code under test.</summary>
internal sealed class ReferenceTree(IReadOnlyList<byte[]> entries)
{
    public byte[] Root(int size) => Root(0, size);

    public List<byte[]> Inclusion(int index, int size) => Path(index, 0, size);

    public List<byte[]> Consistency(int oldSize, int newSize) => oldSize == 0 ? [] : SubProof(oldSize, 0, newSize, true);

    private byte[] Root(int low, int high)
    {
        if (high == low)
        {
            return SHA256.HashData([]);
        }

        if (high - low == 1)
        {
            return SHA256.HashData([0, .. entries[low]]);
        }

        var k = Split(high - low);
        return SHA256.HashData([1, .. Root(low, low + k), .. Root(low + k, high)]);
    }

    private List<byte[]> Path(int m, int low, int high)
    {
        if (high - low == 1)
        {
            return [];
        }

        var k = Split(high - low);
        return m < k
            ? [.. Path(m, low, low + k), Root(low + k, high)]
            : [.. Path(m - k, low + k, high), Root(low, low + k)];
    }

    private List<byte[]> SubProof(int m, int low, int high, bool complete)
    {
        if (m == high - low)
        {
            return complete ? [] : [Root(low, high)];
        }

        var k = Split(high - low);
        return m <= k
            ? [.. SubProof(m, low, low + k, complete), Root(low + k, high)]
            : [.. SubProof(m - k, low + k, high, false), Root(low, low + k)];
    }

    private static int Split(int n)
    {
        var k = 1;
        while (k * 2 < n)
        {
            k *= 2;
        }

        return k;
    }
}

namespace Governance.Checks.Tallies;

/// <summary>Collects counts in any order and sorts them once. Not thread-safe.</summary>
public sealed class CountMapBuilder(int width)
{
    private const int ColumnBits = 8;
    private ulong[] keys = new ulong[16];
    private long[] cells = new long[16];
    private int length;

    /// <param name="column">0 to width − 1.</param>
    /// <param name="count">0 leaves the map as it is.</param>
    public void Add(double key, int column, long count = 1)
    {
        if (count == 0)
        {
            return;
        }

        if (length == keys.Length)
        {
            Array.Resize(ref keys, length * 2);
            Array.Resize(ref cells, length * 2);
        }

        keys[length] = SortableDouble.Encode(key);
        cells[length++] = (count << ColumnBits) | (long)column;
    }

    public CountMap Build()
    {
        Array.Sort(keys, cells, 0, length);
        var distinct = 0;
        for (var i = 0; i < length; i++)
        {
            distinct += i == 0 || keys[i] != keys[i - 1] ? 1 : 0;
        }

        var outKeys = new ulong[distinct];
        var counts = new long[distinct * width];
        for (int i = 0, n = -1; i < length; i++)
        {
            if (n < 0 || keys[i] != outKeys[n])
            {
                outKeys[++n] = keys[i];
            }

            counts[(n * width) + (int)(cells[i] & ((1 << ColumnBits) - 1))] += cells[i] >> ColumnBits;
        }

        return new CountMap(width, outKeys, counts);
    }
}

namespace Governance.Checks.Tallies;

/// <summary>
/// How often each number occurred, in a few columns (label 0, label 1, ...). Keys are exact doubles in ascending order, −0 counted as 0 and
/// every NaN as one key after all others. Counts add, so maps of parts merge to the map of the whole, whatever the parts. Immutable.
/// </summary>
public sealed class CountMap
{
    private readonly ulong[] keys;
    private readonly long[] counts;

    internal CountMap(int width, ulong[] keys, long[] counts)
    {
        Width = width;
        this.keys = keys;
        this.counts = counts;
    }

    /// <summary>Number of columns, 1 to 256.</summary>
    public int Width { get; }

    /// <summary>Number of distinct keys.</summary>
    public int Length => keys.Length;

    /// <summary>The key at a position, ascending; NaN last.</summary>
    public double Key(int index) => SortableDouble.Decode(keys[index]);

    public long Count(int index, int column) => counts[(index * Width) + column];

    /// <summary>Sum of one column over all keys.</summary>
    public long Total(int column)
    {
        var total = 0L;
        for (var i = column; i < counts.Length; i += Width)
        {
            total += counts[i];
        }

        return total;
    }

    /// <summary>Sum of all columns over all keys.</summary>
    public long Total() => counts.Sum();

    /// <summary>The counts of one key; 0 where it did not occur.</summary>
    public long CountOf(double key, int column)
    {
        var index = Array.BinarySearch(keys, SortableDouble.Encode(key));
        return index < 0 ? 0 : Count(index, column);
    }

    public static CountMap Empty(int width) => new(width, [], []);

    /// <summary>The map of both parts together.</summary>
    /// <exception cref="ArgumentException">The maps differ in width.</exception>
    public static CountMap Merge(CountMap left, CountMap right)
    {
        if (left.Width != right.Width)
        {
            throw new ArgumentException("Count maps of different widths do not merge.", nameof(right));
        }

        if (left.Length == 0 || right.Length == 0)
        {
            return left.Length == 0 ? right : left;
        }

        var width = left.Width;
        var mergedKeys = new ulong[left.Length + right.Length];
        var mergedCounts = new long[mergedKeys.Length * width];
        int i = 0, j = 0, n = 0;
        for (; i < left.Length || j < right.Length; n++)
        {
            var takeLeft = j == right.Length || (i < left.Length && left.keys[i] <= right.keys[j]);
            var takeRight = i == left.Length || (j < right.Length && right.keys[j] <= left.keys[i]);
            mergedKeys[n] = takeLeft ? left.keys[i] : right.keys[j];
            for (var c = 0; c < width; c++)
            {
                mergedCounts[(n * width) + c] = (takeLeft ? left.counts[(i * width) + c] : 0) + (takeRight ? right.counts[(j * width) + c] : 0);
            }

            i += takeLeft ? 1 : 0;
            j += takeRight ? 1 : 0;
        }

        return new CountMap(width, mergedKeys[..n], mergedCounts[..(n * width)]);
    }

    /// <summary>Merges many maps of one width by halves.</summary>
    public static CountMap Merge(IReadOnlyList<CountMap> maps)
    {
        var level = maps.ToList();
        while (level.Count > 1)
        {
            level = [.. level.Chunk(2).Select(pair => pair.Length == 2 ? Merge(pair[0], pair[1]) : pair[0])];
        }

        return level[0];
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(Width);
        writer.Write7BitEncodedInt(keys.Length);
        foreach (var key in keys)
        {
            writer.Write(key);
        }

        foreach (var count in counts)
        {
            writer.Write7BitEncodedInt64(count);
        }
    }

    /// <exception cref="InvalidDataException">The bytes are not a count map.</exception>
    internal static CountMap Read(BinaryReader reader)
    {
        var width = reader.Read7BitEncodedInt();
        var length = reader.Read7BitEncodedInt();
        var remaining = reader.BaseStream.Length - reader.BaseStream.Position;
        if (width is < 1 or > 256 || length < 0 || (long)length * (sizeof(ulong) + width) > remaining)
        {
            throw new InvalidDataException("A shard state holds a count map of an impossible size.");
        }

        var readKeys = new ulong[length];
        for (var i = 0; i < length; i++)
        {
            readKeys[i] = reader.ReadUInt64();
            if (i > 0 && readKeys[i] <= readKeys[i - 1])
            {
                throw new InvalidDataException("The keys of a count map are not in ascending order.");
            }
        }

        var readCounts = new long[length * width];
        for (var i = 0; i < readCounts.Length; i++)
        {
            readCounts[i] = reader.Read7BitEncodedInt64();
            if (readCounts[i] < 0)
            {
                throw new InvalidDataException("A count map holds a negative count.");
            }
        }

        return new CountMap(width, readKeys, readCounts);
    }
}

namespace Governance.Data.Csv;

/// <summary>
/// Values of unknown number: in one array where their number could be told ahead (<see cref="Expect"/>), beyond it in chunks, so that nothing is copied twice.
/// Not thread-safe.
/// </summary>
internal sealed class GrowingArray<T>
{
    private const int ChunkLength = 1 << 15;

    /// <summary>An array of which more is unused than one part in so many is given back for one that fits.</summary>
    private const int MostUnused = 8;
    private readonly List<T[]> full = [];
    private T[] chunk = new T[64];
    private int used;

    public void Add(T value)
    {
        if (used == chunk.Length)
        {
            Grow();
        }

        chunk[used++] = value;
    }

    /// <summary>Makes room for about so many values in all. Room that stays unused costs no memory, as long as nothing was written there.</summary>
    public void Expect(int count)
    {
        if (full.Count == 0 && count > chunk.Length)
        {
            Array.Resize(ref chunk, count);
        }
    }

    /// <summary>All values. Nothing is added afterwards.</summary>
    public Memory<T> ToMemory()
    {
        if (full.Count == 0 && chunk.Length - used <= chunk.Length / MostUnused)
        {
            return chunk.AsMemory(0, used);
        }

        var all = new T[full.Sum(c => c.Length) + used];
        var at = 0;
        foreach (var part in full)
        {
            part.CopyTo(all, at);
            at += part.Length;
        }

        chunk.AsSpan(0, used).CopyTo(all.AsSpan(at));
        return all;
    }

    private void Grow()
    {
        if (chunk.Length < ChunkLength)
        {
            Array.Resize(ref chunk, chunk.Length * 8);
            return;
        }

        full.Add(chunk);
        chunk = new T[ChunkLength];
        used = 0;
    }
}

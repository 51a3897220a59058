namespace Governance.Data.Csv;

/// <summary>An array of unknown final length, grown in chunks so that nothing is copied twice. Not thread-safe.</summary>
internal sealed class GrowingArray<T>
{
    private const int ChunkLength = 1 << 15;
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

    public T[] ToArray()
    {
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

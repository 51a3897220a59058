using System.Runtime.InteropServices;

namespace Governance.Data.Csv;

/// <summary>
/// An array of unknown final length, grown in chunks so that nothing is copied twice. Chunks lie outside the collected heap and are given back as they are copied,
/// so that reading a table never holds it twice. Not thread-safe.
/// </summary>
internal sealed unsafe class GrowingArray<T> : IDisposable
    where T : unmanaged
{
    private const int FirstLength = 64;
    private const int ChunkLength = 1 << 15;
    private readonly List<nint> full = [];
    private T* chunk;
    private int length;
    private int used;

    public void Add(T value)
    {
        if (used == length)
        {
            Grow();
        }

        chunk[used++] = value;
    }

    /// <summary>Everything added; the array is empty afterwards.</summary>
    public T[] Take()
    {
        var all = GC.AllocateUninitializedArray<T>((full.Count * ChunkLength) + used);
        var rest = all.AsSpan();
        for (var i = 0; i < full.Count; i++)
        {
            new ReadOnlySpan<T>((T*)full[i], ChunkLength).CopyTo(rest);
            rest = rest[ChunkLength..];
            NativeMemory.Free((T*)full[i]);
            full[i] = 0;
        }

        new ReadOnlySpan<T>(chunk, used).CopyTo(rest);
        Dispose();
        return all;
    }

    public void Dispose()
    {
        foreach (var address in full)
        {
            NativeMemory.Free((T*)address);
        }

        full.Clear();
        NativeMemory.Free(chunk);
        chunk = null;
        (length, used) = (0, 0);
    }

    private void Grow()
    {
        if (length == ChunkLength)
        {
            full.Add((nint)chunk);
            chunk = null;
            (length, used) = (0, 0);
        }

        var wanted = full.Count > 0 ? ChunkLength : length == 0 ? FirstLength : length * 8;
        chunk = (T*)NativeMemory.Realloc(chunk, (nuint)wanted * (nuint)sizeof(T));
        length = wanted;
    }
}

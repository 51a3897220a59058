using System.Buffers;

namespace Governance.Serving.Protocol;

/// <summary>Values of tensors as they are read, in one rented buffer that grows up to a limit. Not thread-safe.</summary>
/// <param name="most">Values the buffer may hold: a value more is refused by the caller of <see cref="IsFull"/>.</param>
internal sealed class FeatureBuffer(int most) : IDisposable
{
    private const int Initial = 256;
    private float[] values = ArrayPool<float>.Shared.Rent(Math.Min(most, Initial));

    public int Count { get; private set; }

    public bool IsFull => Count == most;

    public ReadOnlySpan<float> Written => values.AsSpan(0, Count);

    public void Add(float value)
    {
        if (Count == values.Length)
        {
            Grow(Count + 1);
        }

        values[Count++] = value;
    }

    /// <summary>Room for so many more values, already counted; the caller has compared them with the limit.</summary>
    public Span<float> Take(int count)
    {
        Grow(Count + count);
        Count += count;
        return values.AsSpan(Count - count, count);
    }

    /// <summary>Hands the buffer over: who takes it gives it back to the shared pool.</summary>
    public float[] Release()
    {
        var released = values;
        values = [];
        return released;
    }

    public void Dispose()
    {
        if (values.Length > 0)
        {
            ArrayPool<float>.Shared.Return(Release());
        }
    }

    private void Grow(int needed)
    {
        if (needed <= values.Length)
        {
            return;
        }

        var larger = ArrayPool<float>.Shared.Rent(Math.Min(most, Math.Max(needed, 2 * values.Length)));
        Written.CopyTo(larger);
        ArrayPool<float>.Shared.Return(values);
        values = larger;
    }
}

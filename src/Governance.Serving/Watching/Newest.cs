namespace Governance.Serving.Watching;

/// <summary>Values by key, so many at most: beyond, the key that came first goes. Not thread-safe.</summary>
public sealed class Newest<TKey, TValue>(int most)
    where TKey : notnull
{
    private readonly Dictionary<TKey, TValue> values = [];
    private readonly Queue<TKey> order = new();

    public IReadOnlyCollection<TValue> Values => values.Values;

    /// <summary>A key that is known stays as old as it is.</summary>
    public void Set(TKey key, TValue value)
    {
        if (!values.ContainsKey(key))
        {
            if (values.Count == most)
            {
                values.Remove(order.Dequeue());
            }

            order.Enqueue(key);
        }

        values[key] = value;
    }
}

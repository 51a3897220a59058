using System.Collections.Concurrent;

namespace Governance.Gateway.Inference;

/// <summary>What takes long to make, made once by whoever asks first and kept. What could not be made is tried again for the next who asks. Thread-safe.</summary>
/// <param name="most">Kept; beyond it all are made anew.</param>
internal sealed class MadeOnce<TKey, T>(int most)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Lazy<Task<T>>> known = new();

    /// <param name="make">Goes on when the caller stops waiting. Its failure is thrown to all who wait for it.</param>
    public async Task<T> GetAsync(TKey key, Func<Task<T>> make, CancellationToken cancellationToken)
    {
        if (known.Count > most)
        {
            known.Clear();
        }

        var made = known.GetOrAdd(key, _ => new Lazy<Task<T>>(() => Task.Run(make)));
        try
        {
            return await made.Value.WaitAsync(cancellationToken);
        }
        finally
        {
            if (made.Value.IsFaulted)
            {
                known.TryRemove(new(key, made));
            }
        }
    }
}

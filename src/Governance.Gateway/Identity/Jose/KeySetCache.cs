namespace Governance.Gateway.Identity.Jose;

/// <summary>
/// Holds an issuer's keys and asks for them again when they are an hour old, or when a token names a key that is not among them, but never
/// more often than once a minute, whatever tokens come in. While the source fails, the last good keys serve for a day. Thread-safe.
/// </summary>
/// <param name="load">Reads the key set from its source; throws when it cannot.</param>
internal sealed class KeySetCache(Func<CancellationToken, Task<JsonWebKeySet>> load, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan Usable = TimeSpan.FromHours(24);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim one = new(1, 1);
    private volatile Held? held;
    private long lastAttempt = long.MinValue;

    /// <summary>A key set that is good for use and, if it can be had, holds the key; null when there is none.</summary>
    public async ValueTask<JsonWebKeySet?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (Wants(keyId))
        {
            await one.WaitAsync(cancellationToken);
            try
            {
                if (Wants(keyId))
                {
                    await RefreshAsync(cancellationToken);
                }
            }
            finally
            {
                one.Release();
            }
        }

        return held is { } h && Age(h.At) < Usable ? h.Keys : null;
    }

    public void Dispose() => one.Dispose();

    private bool Wants(string keyId)
    {
        var stale = held is not { } h || Age(h.At) >= Fresh || !h.Keys.TryFind(keyId, out _);
        var attempted = Interlocked.Read(ref lastAttempt);
        return stale && (attempted == long.MinValue || Age(attempted) >= BetweenAttempts);
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        try
        {
            held = new Held(await load(cancellationToken), now);
            Interlocked.Exchange(ref lastAttempt, now);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The last good keys stay; the outcome of the token says that the new ones could not be had.
            Interlocked.Exchange(ref lastAttempt, now);
        }
    }

    private TimeSpan Age(long timestamp) => time.GetElapsedTime(timestamp);

    private sealed record Held(JsonWebKeySet Keys, long At);
}

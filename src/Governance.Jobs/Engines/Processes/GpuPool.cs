namespace Governance.Jobs.Engines.Processes;

/// <summary>Devices lent to one shard at a time. Thread-safe.</summary>
internal sealed class GpuPool(IReadOnlyList<string> devices) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private readonly SemaphoreSlim count = new(devices.Count);
    private readonly Stack<string> free = new(devices.Reverse());

    public int Size => devices.Count;

    public void Dispose()
    {
        turn.Dispose();
        count.Dispose();
    }

    /// <summary>Waits for so many devices at once, so that two shards never hold half of what both need.</summary>
    public async Task<Lease> TakeAsync(int wanted, CancellationToken cancellationToken)
    {
        if (wanted == 0)
        {
            return new Lease(this, []);
        }

        await turn.WaitAsync(cancellationToken);
        var waited = 0;
        try
        {
            for (; waited < wanted; waited++)
            {
                await count.WaitAsync(cancellationToken);
            }

            lock (free)
            {
                return new Lease(this, [.. Enumerable.Range(0, wanted).Select(_ => free.Pop())]);
            }
        }
        catch (OperationCanceledException) when (waited > 0)
        {
            count.Release(waited);
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    internal sealed class Lease(GpuPool pool, IReadOnlyList<string> devices) : IDisposable
    {
        public IReadOnlyList<string> Devices { get; } = devices;

        public void Dispose()
        {
            if (Devices.Count == 0)
            {
                return;
            }

            lock (pool.free)
            {
                foreach (var device in Devices)
                {
                    pool.free.Push(device);
                }
            }

            pool.count.Release(Devices.Count);
        }
    }
}

using System.Collections.Concurrent;
using Governance.Jobs.Plans;

namespace Governance.Jobs.Engines;

/// <summary>
/// The common part of engines whose shards are watched by this process: slots shared fairly between jobs in order of arrival, a time limit per
/// shard, and states kept in memory. What ran when the process ended is lost, and is run again by who resumes the plan. Thread-safe.
/// </summary>
public abstract class TaskEngine : IShardEngine, IDisposable
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, TaskJob> jobs = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim slots;

    /// <param name="slots">Shards at work at once; 1 or more.</param>
    protected TaskEngine(int slots)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        Slots = slots;
        this.slots = new SemaphoreSlim(slots);
    }

    public abstract string Name { get; }

    public int Slots { get; }

    public abstract TimeSpan PollInterval { get; }

    public Task<string> SubmitAsync(ShardJob job, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Admit(job);
        var added = new TaskJob(job.Indices, (index, token) => LimitedAsync(job, index, token));
        if (jobs.TryAdd(job.Name, added))
        {
            added.Start(job.MaxParallel is { } most ? [new SemaphoreSlim(most), slots] : [slots]);
        }
        else
        {
            added.Dispose();
        }

        return Task.FromResult(job.Name);
    }

    public Task<IReadOnlyList<ShardState>> PollAsync(ShardJob job, string ticket, CancellationToken cancellationToken) =>
        Task.FromResult(jobs.TryGetValue(ticket, out var known)
            ? known.States
            : [.. job.Indices.Select(i => new ShardState(i, ShardPhase.Lost, Reason: "The gateway was restarted."))]);

    public Task CancelAsync(ShardJob job, string ticket, IReadOnlyCollection<int>? indices, CancellationToken cancellationToken)
    {
        if (jobs.TryGetValue(ticket, out var known))
        {
            known.Cancel(indices);
        }

        return Task.CompletedTask;
    }

    public abstract Task<string> LogAsync(ShardJob job, string ticket, int index, CancellationToken cancellationToken);

    /// <summary>Stops every shard, and waits until they have ended, for ten seconds at most: they read the models and write into the folder of whoever disposes of them.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        foreach (var job in jobs.Values)
        {
            job.Cancel(null);
        }

        Task.WhenAll(jobs.Values.Select(j => j.Ended)).Wait(LongestEnd);
    }

    /// <summary>Refuses what can never run here.</summary>
    /// <exception cref="EngineException">The job cannot run here.</exception>
    protected virtual void Admit(ShardJob job)
    {
        if (job.Resources.Gpus > 0)
        {
            throw new EngineException(EngineFault.Refused, $"The engine '{Name}' has no GPU to give; the plan asks for {job.Resources.Gpus} per shard.");
        }
    }

    /// <summary>Runs a shard to its end, or until it is cancelled.</summary>
    /// <returns>Its exit code.</returns>
    protected abstract Task<int> RunAsync(ShardJob job, int index, CancellationToken cancellationToken);

    private async Task<ShardState> LimitedAsync(ShardJob job, int index, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeLimit(job.Resources));
        try
        {
            var code = await RunAsync(job, index, limit.Token);
            return cancellationToken.IsCancellationRequested ? new ShardState(index, ShardPhase.Cancelled)
                : limit.IsCancellationRequested ? TimedOut(job, index)
                : new ShardState(index, code == 0 ? ShardPhase.Succeeded : ShardPhase.Failed, code, Node: Environment.MachineName);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return TimedOut(job, index);
        }
    }

    /// <summary>The time limit of a shard.</summary>
    protected virtual TimeSpan TimeLimit(ShardResources resources) => TimeSpan.FromMinutes(resources.Minutes);

    private static ShardState TimedOut(ShardJob job, int index) =>
        new(index, ShardPhase.TimedOut, Reason: $"It ran longer than {job.Resources.Minutes} min.", Node: Environment.MachineName);
}

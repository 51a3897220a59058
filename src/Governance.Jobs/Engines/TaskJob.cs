using System.Collections.Concurrent;

namespace Governance.Jobs.Engines;

/// <summary>A job whose shards are tasks of this process, some at once; for engines that watch their shards themselves. Thread-safe.</summary>
internal sealed class TaskJob : IDisposable
{
    private readonly ConcurrentDictionary<int, ShardState> states;
    private readonly Dictionary<int, CancellationTokenSource> cancels;
    private readonly Func<int, CancellationToken, Task<ShardState>> run;
    private Task ended = Task.CompletedTask;

    /// <param name="run">Runs one shard to its end; called when a slot is free.</param>
    public TaskJob(IReadOnlyList<int> indices, Func<int, CancellationToken, Task<ShardState>> run)
    {
        this.run = run;
        states = new(indices.ToDictionary(i => i, i => new ShardState(i, ShardPhase.Queued)));
        cancels = indices.ToDictionary(i => i, _ => new CancellationTokenSource());
    }

    public IReadOnlyList<ShardState> States => [.. states.Values.OrderBy(s => s.Index)];

    /// <summary>Starts every shard as the slots allow. Returns at once.</summary>
    /// <param name="slots">Shared by all jobs of an engine; waits in order of arrival.</param>
    public void Start(IEnumerable<SemaphoreSlim> slots)
    {
        ended = Task.WhenAll([.. cancels.Keys.Select(index => RunAsync(index, [.. slots]))]);
    }

    /// <summary>Completes when every shard has ended.</summary>
    public Task Ended => ended;

    public void Cancel(IEnumerable<int>? indices)
    {
        foreach (var index in indices ?? cancels.Keys)
        {
            if (cancels.TryGetValue(index, out var cancel))
            {
                cancel.Cancel();
            }
        }
    }

    public void Dispose()
    {
        foreach (var cancel in cancels.Values)
        {
            cancel.Dispose();
        }
    }

    private async Task RunAsync(int index, IReadOnlyList<SemaphoreSlim> slots)
    {
        var token = cancels[index].Token;
        var taken = new Stack<SemaphoreSlim>();
        try
        {
            foreach (var slot in slots)
            {
                await slot.WaitAsync(token);
                taken.Push(slot);
            }

            states[index] = new ShardState(index, ShardPhase.Running, Node: Environment.MachineName);
            states[index] = await run(index, token);
        }
        catch (OperationCanceledException)
        {
            states[index] = new ShardState(index, ShardPhase.Cancelled);
        }
        catch (EngineException e)
        {
            states[index] = new ShardState(index, ShardPhase.Lost, Reason: e.Message);
        }
        catch (Exception e)
        {
            states[index] = new ShardState(index, ShardPhase.Lost, Reason: $"The shard could not be run here ({e.GetType().Name}).");
        }
        finally
        {
            while (taken.TryPop(out var slot))
            {
                slot.Release();
            }
        }
    }
}

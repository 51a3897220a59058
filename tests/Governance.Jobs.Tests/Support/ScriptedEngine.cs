using System.Collections.Concurrent;
using Governance.Jobs.Engines;

namespace Governance.Jobs.Tests.Support;

/// <summary>What becomes of one start of a shard.</summary>
internal enum Act
{
    /// <summary>It does its work.</summary>
    Work,

    /// <summary>The back end loses it before it did anything.</summary>
    Lose,

    /// <summary>It does its work, and the back end loses it after.</summary>
    WorkThenLose,

    /// <summary>It ends with exit code 0 and leaves nothing.</summary>
    LeaveNothing,

    /// <summary>It ends with exit code 9.</summary>
    Fail,

    /// <summary>It does its work, and the back end goes on saying that it runs.</summary>
    WorkUnnoticed,

    /// <summary>It runs for ever without a sign of life.</summary>
    Hang,

    /// <summary>It waits for a slot for ever.</summary>
    Wait,
}

/// <summary>An engine that does what it is told, at once and in order; shards that work are real.</summary>
/// <param name="work">Runs a shard and returns its exit code.</param>
/// <param name="script">Of a shard's index and its start, from 1.</param>
internal sealed class ScriptedEngine(Func<ShardJob, int, CancellationToken, Task<int>> work, Func<int, int, Act> script) : IShardEngine
{
    private readonly ConcurrentDictionary<int, int> starts = new();
    private readonly ConcurrentDictionary<(string Job, int Index), ShardState> states = new();

    public string Name => "scripted";

    public bool Chains { get; init; }

    public int Slots => 2;

    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Called before a question is answered; may throw.</summary>
    public Action Asked { get; init; } = () => { };

    public ConcurrentQueue<ShardJob> Submitted { get; } = new();

    public ConcurrentQueue<int> Cancelled { get; } = new();

    /// <summary>How often each shard was started.</summary>
    public IReadOnlyDictionary<int, int> Starts => starts;

    public async Task<string> SubmitAsync(ShardJob job, CancellationToken cancellationToken)
    {
        Asked();
        Submitted.Enqueue(job);
        foreach (var index in job.Indices)
        {
            var act = script(index, starts.AddOrUpdate(index, 1, (_, n) => n + 1));
            var code = act is Act.Work or Act.WorkThenLose or Act.WorkUnnoticed ? await work(job, index, CancellationToken.None) : 0;
            states[(job.Name, index)] = act switch
            {
                Act.Work => new ShardState(index, code == 0 ? ShardPhase.Succeeded : ShardPhase.Failed, code),
                Act.Lose or Act.WorkThenLose => new ShardState(index, ShardPhase.Lost, Reason: "The node is gone."),
                Act.LeaveNothing => new ShardState(index, ShardPhase.Succeeded, 0),
                Act.Fail => new ShardState(index, ShardPhase.Failed, 9),
                Act.Wait => new ShardState(index, ShardPhase.Queued),
                _ => new ShardState(index, ShardPhase.Running),
            };
        }

        return job.Name;
    }

    public Task<IReadOnlyList<ShardState>> PollAsync(ShardJob job, string ticket, CancellationToken cancellationToken)
    {
        Asked();
        return Task.FromResult<IReadOnlyList<ShardState>>([.. job.Indices.Select(i => states.GetValueOrDefault((ticket, i)) ?? new ShardState(i, ShardPhase.Lost))]);
    }

    public Task CancelAsync(ShardJob job, string ticket, IReadOnlyCollection<int>? indices, CancellationToken cancellationToken)
    {
        foreach (var index in indices ?? [.. job.Indices])
        {
            Cancelled.Enqueue(index);
            states[(ticket, index)] = new ShardState(index, ShardPhase.Cancelled);
        }

        return Task.CompletedTask;
    }

    public Task<string> LogAsync(ShardJob job, string ticket, int index, CancellationToken cancellationToken) => Task.FromResult("");

    /// <summary>A shard that hung ends well: it did its work after all.</summary>
    public async Task WakeAsync(ShardJob job, int index) =>
        states[(job.Name, index)] = new ShardState(index, ShardPhase.Succeeded, await work(job, index, CancellationToken.None));
}

using Governance.Checks;
using Governance.Core;
using Governance.Jobs.Engines;
using Governance.Jobs.Plans;

namespace Governance.Jobs.Shards;

/// <summary>The job that a task belongs to.</summary>
/// <param name="Name">Of the job.</param>
/// <param name="Indices">Its shards.</param>
public sealed record JobShare(string Name, IReadOnlyList<int> Indices)
{
    /// <summary>From a task's environment.</summary>
    /// <param name="indices">As of <see cref="ShardCommand.JobIndicesVariable"/>; those that the plan does not have are left out.</param>
    public static JobShare Read(string name, string indices, CheckPlan plan) => new(name, [.. IndexRanges.Read(indices, plan.Shards().Count - 1)]);
}

/// <summary>
/// A task of a job on a cluster. It computes its own shard and then goes on: with shards of its job that no task has begun, and, when the results of its
/// stage are all there, with those of the next stages. So waiting for a slot, starting and loading are paid once per slot, not once per shard. What it leaves,
/// its job's other tasks and the jobs of the later stages compute. Used once.
/// </summary>
public sealed class ShardTask(ShardRunner runner, RunFolder folder, ResultStore results, CheckPlan plan, JobShare job, TimeProvider time)
{
    /// <summary>How long the end of a stage is waited for in a slot that does nothing: a little more than a scheduler takes to start a task.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    private readonly ShardClaims claims = folder.Claims(job.Name);
    private readonly IReadOnlyList<PlannedShard> shards = plan.Shards();
    private readonly PlanKeys keys = new(plan);
    private readonly long started = time.GetTimestamp();

    /// <summary>Runs shards until there is nothing to go on with, or one does not end well.</summary>
    /// <param name="own">The task's own shard, one of its job's.</param>
    /// <param name="inputs">Loads the inputs when the first item needs them.</param>
    /// <returns>The reports in order; none when others have begun or computed everything.</returns>
    public async Task<IReadOnlyList<ShardReport>> RunAsync(int own, Func<CancellationToken, Task<CheckInput>> inputs, CancellationToken cancellationToken)
    {
        var reports = new List<ShardReport>();
        var first = 0;
        foreach (var stage in plan.Stages)
        {
            var (from, to) = (first, first += stage.Shards.Count);
            if (own >= to)
            {
                continue;
            }

            int[] turn = own >= from ? [.. job.Indices] : [.. Enumerable.Range(from, stage.Shards.Count)];
            foreach (var index in Turn(turn, own).Where(i => (i == own || MayGoOn()) && claims.Take(i, own) && !IsDone(i)))
            {
                reports.Add(await runner.RunAsync(plan, index, inputs, cancellationToken));
                if (reports[^1].ExitCode != ShardExit.Done)
                {
                    return reports;
                }
            }

            if (to == shards.Count || !await HasEndedAsync(stage, cancellationToken))
            {
                break;
            }
        }

        return reports;
    }

    /// <summary>Each task begins at another place, so that they do not all ask for the same shard.</summary>
    private static IEnumerable<int> Turn(int[] indices, int own)
    {
        var start = Array.BinarySearch(indices, own) is >= 0 and var at ? at : own % indices.Length;
        return indices.Skip(start).Concat(indices.Take(start));
    }

    /// <summary>A shard that is taken over has the half of the time limit at least; one that needs more runs again in a task of its own.</summary>
    private bool MayGoOn() => time.GetElapsedTime(started) < TimeSpan.FromMinutes(plan.Resources.Minutes) / 2 && !claims.HasEnded();

    private bool IsDone(int index) => shards[index].Work.All(w => results.HasWhole(keys.Of(w)) || results.HasWhole(ResultKey(w)));

    /// <summary>Whether every result of the stage is there, or comes to be while it is waited for.</summary>
    private async Task<bool> HasEndedAsync(PlanStage stage, CancellationToken cancellationToken)
    {
        var left = new Stack<WorkItem>(stage.Shards.SelectMany(s => s.Work));
        var since = time.GetTimestamp();
        while (true)
        {
            while (left.TryPeek(out var item) && (results.Contains(keys.Of(item)) || results.Contains(ResultKey(item)) || folder.HasFailed(item.Check)))
            {
                left.Pop();
            }

            if (left.Count == 0 || !MayGoOn() || time.GetElapsedTime(since) > Linger)
            {
                return left.Count == 0;
            }

            await Task.Delay(Glance, time, cancellationToken);
        }
    }

    private Digest ResultKey(WorkItem item) => keys.Of(WorkItem.ResultOf(item.Check, stages: 0));
}

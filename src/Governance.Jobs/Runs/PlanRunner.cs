using System.Diagnostics;
using Governance.Jobs.Engines;
using Governance.Jobs.Plans;
using Governance.Jobs.Shards;

namespace Governance.Jobs.Runs;

/// <summary>How often a shard is tried again, and how long silence is borne. Immutable.</summary>
public sealed record RetryPolicy
{
    /// <summary>Starts of a shard that the back end loses, at most. Default 4.</summary>
    public int LostAttempts { get; init; } = 4;

    /// <summary>Starts of a shard that fails by itself, at most: then it is poison. Default 3.</summary>
    public int FailedAttempts { get; init; } = 3;

    /// <summary>A running shard without a sign of life for so long is stopped and started again. Default 2 min.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The back end may be unreachable for so long before the run gives up. Default 15 min.</summary>
    public TimeSpan Unreachable { get; init; } = TimeSpan.FromMinutes(15);
}

/// <summary>How far a run is.</summary>
/// <param name="Checks">By check: work items with a result, and all of them.</param>
public sealed record PlanProgress(IReadOnlyDictionary<string, (int Done, int Total)> Checks);

/// <summary>
/// Carries out a plan on an engine: leaves out what has a result, submits the rest stage by stage, tries lost shards again, reports poison
/// instead of retrying it for ever, and collects the outcomes. What ran before is found again after a restart: results by key, jobs by the
/// tickets in the plan's folder. Thread-safe; one run at a time per plan, across processes.
/// </summary>
public sealed class PlanRunner(IShardEngine engine, ResultStore results, ShardCommand command, RetryPolicy retry, TimeProvider time)
{
    /// <summary>The end of what a shard wrote in the latest job that ran it; empty when nothing.</summary>
    public async Task<string> LogAsync(RunFolder folder, int shard, CancellationToken cancellationToken) =>
        new JobTickets(folder).All().Where(t => t.Engine == engine.Name)
            .Select(t => (Ticket: t, Task: folder.Claims(t.Job.Name).HolderOf(shard) ?? (t.Job.Indices.Contains(shard) ? shard : null as int?))).LastOrDefault(t => t.Task is not null) is ({ } ticket, { } task)
            ? await engine.LogAsync(ticket.Job, ticket.Ticket, task, cancellationToken)
            : "";

    /// <summary>Runs a plan to its end.</summary>
    /// <param name="folder">Of the plan, on storage that every node sees.</param>
    /// <param name="progress">Told after each poll.</param>
    /// <param name="cancel">Stops the shards, too.</param>
    /// <param name="detach">Leaves the shards running where the engine outlives this process; a later run finds them.</param>
    /// <exception cref="EngineException">The engine refused, or was unreachable for too long.</exception>
    /// <exception cref="OperationCanceledException">Cancelled or detached.</exception>
    public async Task<PlanOutcome> RunAsync(
        CheckPlan plan, RunFolder folder, IProgress<PlanProgress>? progress, CancellationToken cancel, CancellationToken detach)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, detach);
        using var turn = await PlanLock.TakeAsync(folder, time, both.Token);
        folder.WritePlan(plan);
        var work = new PlanWork(plan, results);
        var clock = Stopwatch.GetTimestamp();
        var submitter = new Submitter(engine, command, plan, folder);
        folder.ForgetFailures();
        work.PassOver(folder);
        var stages = Stages(plan);
        for (var s = 0; s < stages.Count; s++)
        {
            await new StageRun(engine, submitter, retry, time, plan, folder, work).RunAsync(stages[s], [.. stages.Skip(s + 1)], progress, both.Token, cancel);
        }

        var outcome = work.Conclude(Stopwatch.GetElapsedTime(clock), engine.Slots);
        await submitter.FinishAsync(CancellationToken.None);
        return outcome;
    }

    /// <summary>The shards of each stage, by index.</summary>
    private static List<IReadOnlyList<int>> Stages(CheckPlan plan)
    {
        var first = 0;
        return [.. plan.Stages.Select(s => (IReadOnlyList<int>)[.. Enumerable.Range((first += s.Shards.Count) - s.Shards.Count, s.Shards.Count)])];
    }
}

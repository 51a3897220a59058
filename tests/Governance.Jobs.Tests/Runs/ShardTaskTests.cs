using System.Collections.Concurrent;
using Governance.Jobs.Engines;
using Governance.Jobs.Runs;
using Governance.Jobs.Shards;
using Governance.Jobs.Tests.Support;

namespace Governance.Jobs.Tests.Runs;

/// <summary>Tasks that go on with other shards when their own is done, and the runner that watches them.</summary>
public sealed class ShardTaskTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_task_carries_out_the_whole_plan_and_those_that_wait_still_are_taken_back()
    {
        using var plan = new SmallPlan();
        var engine = Engine(plan, (index, _) => index == 0 ? Act.Work : Act.Wait);
        var outcome = await plan.RunAsync(engine);

        Assert.Empty(outcome.Failures);
        Assert.Equal(plan.Plan.Shards().Count, outcome.Reports.Count);
        Assert.Equal(Enumerable.Range(1, plan.Plan.Shards().Count - 1), engine.Cancelled.Order());
        Assert.Equal(0, outcome.Statistics.Retries);
        using var quiet = new SmallPlan();
        Assert.Equal(SmallPlan.Digests(await quiet.RunAsync(quiet.Engine())), SmallPlan.Digests(outcome));
    }

    [Fact]
    public async Task Tasks_share_the_shards_of_a_plan_and_run_each_once()
    {
        using var plan = new SmallPlan();
        var job = await JobAsync(plan);
        var ran = new ConcurrentBag<int>();
        await Task.WhenAll(job.Indices.Select(async own =>
        {
            foreach (var report in await plan.TaskOf(job, TimeProvider.System).RunAsync(own, plan.InputsAsync, Token))
            {
                Assert.Equal(ShardExit.Done, report.ExitCode);
                ran.Add(report.Index);
            }
        }));

        Assert.Equal(Enumerable.Range(0, plan.Plan.Shards().Count), ran.Order());

        // A task that is started again, and one that comes late, find everything computed.
        Assert.Empty(await plan.TaskOf(job, TimeProvider.System).RunAsync(0, plan.InputsAsync, Token));
        Assert.Empty(await plan.TaskOf(job with { Name = "another" }, TimeProvider.System).RunAsync(1, plan.InputsAsync, Token));
    }

    [Fact]
    public async Task A_shard_whose_task_is_lost_with_it_is_started_for_itself()
    {
        using var plan = new SmallPlan();
        var first = plan.Plan.Stages[0].Shards.Count;
        Assert.True(first > 1);
        var engine = new ScriptedEngine(
            (job, index, token) => index == 0 && job.Indices.Count == first ? Task.FromResult(plan.Folder.Claims(job.Name).Take(1, task: 0) ? 0 : 1) : plan.RunShardAsync(job, index, token),
            (index, start) => start > 1 ? Act.Work : index == 0 ? Act.WorkThenLose : index == 1 || index >= first ? Act.Wait : Act.Work) { Chains = true };
        var outcome = await plan.RunAsync(engine);

        Assert.Empty(outcome.Failures);
        Assert.Equal((2, 2), (engine.Starts[0], engine.Starts[1]));
        Assert.Equal(2, outcome.Statistics.Retries);

        // What is started again runs its own shard only, and the tasks before it have stopped going on.
        Assert.Contains(engine.Submitted, j => j.Indices.SequenceEqual([0, 1]) && !j.Command.Environment.ContainsKey(ShardCommand.JobVariable));
        Assert.True(plan.Folder.Claims(engine.Submitted.First().Name).HasEnded());
    }

    [Fact]
    public async Task A_task_takes_nothing_over_when_half_of_its_time_is_gone_or_going_on_has_ended()
    {
        using var plan = new SmallPlan();
        var job = await JobAsync(plan);
        var clock = new MovedClock();
        var late = await plan.TaskOf(job, clock).RunAsync(0, async token =>
        {
            clock.Moved = TimeSpan.FromMinutes(plan.Plan.Resources.Minutes) / 2;
            return await plan.InputsAsync(token);
        }, Token);
        Assert.Equal([0], late.Select(r => r.Index));

        plan.Folder.Claims(job.Name).End();
        Assert.Equal([1], (await plan.TaskOf(job, TimeProvider.System).RunAsync(1, plan.InputsAsync, Token)).Select(r => r.Index));
    }

    [Fact]
    public async Task A_task_ends_with_the_first_shard_that_does_not_end_well()
    {
        using var plan = new SmallPlan();
        var job = await JobAsync(plan);
        var reports = await plan.TaskOf(job, TimeProvider.System).RunAsync(0, _ => throw new PlanUnusableException("No model."), Token);
        Assert.Equal((0, ShardExit.BadInput, "No model."), (Assert.Single(reports).Index, reports[0].ExitCode, reports[0].Problem));
    }

    private static ScriptedEngine Engine(SmallPlan plan, Func<int, int, Act> script) =>
        new((job, index, token) => plan.GoOnAsync(job, index, TimeProvider.System, token), script) { Chains = true };

    /// <summary>The job of a plan's first stage, as the runner hands it in.</summary>
    private static async Task<ShardJob> JobAsync(SmallPlan plan)
    {
        using var detach = new CancellationTokenSource();
        var engine = plan.Engine((_, _) => Act.Wait, chains: true);
        var run = plan.RunAsync(engine, detach: detach);
        while (engine.Submitted.IsEmpty)
        {
            await Task.Delay(1, Token);
        }

        await detach.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        return engine.Submitted.First();
    }

    private sealed class MovedClock : TimeProvider
    {
        public TimeSpan Moved { get; set; }

        public override long GetTimestamp() => System.GetTimestamp() + (long)(Moved.TotalSeconds * TimestampFrequency);
    }
}

using Governance.Jobs.Engines;
using Governance.Jobs.Engines.Processes;
using Governance.Jobs.Runs;
using Governance.Jobs.Tests.Support;

namespace Governance.Jobs.Tests.Runs;

/// <summary>A node on which the shared folder is not mounted: real shards that do not find what the plan names.</summary>
public sealed class UnmountedFolderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_the_artefacts_every_check_fails_at_once_with_the_question_to_ask()
    {
        using var plan = new SmallPlan();
        var outcome = await RunAsync(plan, ["--artifacts", "/nowhere/artifacts", "--results", Path.Combine(plan.Jobs.Root, "results")]);

        Assert.Empty(outcome.Outcomes);
        Assert.Equal(4, outcome.Failures.Count);
        Assert.All(outcome.Failures, f => Assert.Contains("is the shared folder mounted on this node?", f.Reason, StringComparison.Ordinal));
        Assert.Equal(0, outcome.Statistics.Retries);
    }

    [Fact]
    public async Task Without_the_plan_the_shard_ends_with_the_code_that_is_not_tried_again()
    {
        using var folder = new TempFolder();
        using var engine = new ProcessEngine(slots: 1);
        var job = ScriptJobs.Of(folder, "", [0]) with { Command = Gov.Shard("/nowhere/plan.json", "--artifacts", "/nowhere") };
        var ticket = await engine.SubmitAsync(job, Token);
        var state = (await engine.EndAsync(job, ticket, Token)).Single();

        Assert.Equal((ShardPhase.Failed, Shards.ShardExit.BadInput), (state.Phase, state.ExitCode));
        Assert.Contains("is the shared folder mounted on this node?", await engine.LogAsync(job, ticket, 0, Token), StringComparison.Ordinal);
    }

    private static async Task<PlanOutcome> RunAsync(SmallPlan plan, params string[] arguments)
    {
        using var engine = new ProcessEngine(slots: 2);
        return await new PlanRunner(engine, plan.Jobs.Results, Gov.Shard(arguments), new RetryPolicy(), TimeProvider.System).RunAsync(plan.Plan, plan.Folder, null, Token, CancellationToken.None);
    }
}

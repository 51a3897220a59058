using Governance.Jobs.Engines.Slurm;
using Governance.Jobs.Runs;
using Governance.Jobs.Tests.Support;

namespace Governance.Jobs.Tests.Runs;

/// <summary>A node of a real Slurm on which the shared folder is not mounted: its daemon has a mount namespace of its own.</summary>
[Collection(SlurmCollection.Name)]
public sealed class UnmountedNodeTests(SlurmCluster cluster)
{
    private const string Node = "n4";

    [Theory]
    [InlineData("plans", "is the shared folder mounted and writable on the node?")]
    [InlineData("../artifacts", "is the shared folder mounted on this node?")]
    public async Task The_checks_end_with_the_question_to_ask_and_are_computed_when_it_is_mounted_again(string hidden, string question)
    {
        SlurmCluster.SkipUnlessPossible();
        using var plan = new SmallPlan();
        plan.Folder.WritePlan(plan.Plan);
        Environment.SetEnvironmentVariable("SLURM_CONF", cluster.Variables["SLURM_CONF"]);
        try
        {
            cluster.Unmount(Node, Path.GetFullPath(Path.Combine(plan.Jobs.Root, hidden)));
            var failed = await RunAsync(plan);
            Assert.Empty(failed.Outcomes);
            Assert.Equal(plan.Plan.Checks.Count, failed.Failures.Count);
            Assert.All(failed.Failures, f => Assert.Contains(question, f.Reason, StringComparison.Ordinal));
        }
        finally
        {
            cluster.Remount(Node);
        }

        using var quiet = new SmallPlan();
        Assert.Equal(SmallPlan.Digests(await quiet.RunAsync(quiet.Engine())), SmallPlan.Digests(await RunAsync(plan)));
        await cluster.UntilIdleAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<PlanOutcome> RunAsync(SmallPlan plan)
    {
        using var engine = new SlurmEngine(new SlurmOptions { Slots = 2 });
        var command = Gov.Shard("--artifacts", plan.Artifacts, "--results", Path.Combine(plan.Jobs.Root, "results"));
        return await new PlanRunner(engine, plan.Jobs.Results, command, new RetryPolicy { LostAttempts = 2 }, TimeProvider.System)
            .RunAsync(plan.Plan, plan.Folder, null, TestContext.Current.CancellationToken, CancellationToken.None);
    }
}

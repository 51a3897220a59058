using System.Text.Json.Nodes;
using Governance.Jobs.Tests.Support;

namespace Governance.Jobs.Tests.Runs;

/// <summary>
/// The default suite on real data gives the same results, byte for byte, wherever it is computed: in one process with one and two threads, in
/// processes, on a real Slurm laid out for two and four nodes, when nodes die on the way, and when the program that watches it is killed and started again.
/// </summary>
[Collection(SlurmCollection.Name)]
[Trait("Category", SharedMaterial.Conformance)]
public sealed class EnginesAgreeTests(SlurmCluster cluster, PlanReference reference) : IClassFixture<PlanReference>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("local", 2)]
    [InlineData("processes", 2)]
    public async Task On_this_machine(string engine, int slots)
    {
        using var jobs = await PlanReference.MakeAsync(slots);

        Assert.Equal(await reference.ResultsAsync(), PlanReference.Results(await jobs.RunAsync(engine, slots)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task On_slurm(int nodes)
    {
        SlurmCluster.SkipUnlessPossible();
        using var jobs = await PlanReference.MakeAsync(slots: nodes);

        Assert.Equal(await reference.ResultsAsync(), PlanReference.Results(await jobs.RunAsync("slurm", nodes, cluster.Variables)));
        await cluster.UntilIdleAsync(Token);
    }

    [Fact]
    public async Task On_slurm_when_nodes_die_on_the_way()
    {
        SlurmCluster.SkipUnlessPossible();
        using var jobs = await PlanReference.MakeAsync(slots: 4);
        try
        {
            using var run = jobs.Start("slurm", 4, cluster.Variables);
            await jobs.UntilStartedAsync();
            cluster.KillNode("n1");
            cluster.KillNode("n2");

            Assert.Equal(await reference.ResultsAsync(), PlanReference.Results(await run.JsonAsync(Token)));
        }
        finally
        {
            cluster.Repair();
        }

        await cluster.UntilIdleAsync(Token);
    }

    [Fact]
    public async Task When_the_program_that_watches_is_killed_the_next_goes_on_where_it_was()
    {
        SlurmCluster.SkipUnlessPossible();
        using var jobs = await PlanReference.MakeAsync(slots: 2);
        using (var killed = jobs.Start("slurm", 2, cluster.Variables))
        {
            await jobs.UntilStartedAsync();
            await killed.KillAsync();
        }

        var outcome = await jobs.RunAsync("slurm", 2, cluster.Variables);
        Assert.Equal(await reference.ResultsAsync(), PlanReference.Results(outcome));

        // Not one shard was started twice: what ran on was found by its ticket.
        Assert.Equal(0, outcome["statistics"]!["retries"]!.GetValue<int>());
        Assert.All(jobs.Reports().GroupBy(f => Path.GetFileName(f).Split('.')[0]), g => Assert.Single(g));
        await cluster.UntilIdleAsync(Token);
    }

    [Fact]
    public async Task When_nobody_watches_any_more_the_plan_is_carried_out_to_its_end()
    {
        SlurmCluster.SkipUnlessPossible();
        using var jobs = await PlanReference.MakeAsync(slots: 2);
        using (var killed = jobs.Start("slurm", 2, cluster.Variables))
        {
            await jobs.UntilSubmittedAsync(jobs.Stages);
            await killed.KillAsync();
        }

        await jobs.UntilReportedAsync();
        var outcome = await jobs.RunAsync("local", 2);
        Assert.Equal(await reference.ResultsAsync(), PlanReference.Results(outcome));
        Assert.Equal(0, outcome["statistics"]!["computed"]!.GetValue<int>());
        await cluster.UntilIdleAsync(Token);
    }

    [Fact]
    public async Task A_plan_that_was_carried_out_computes_nothing_and_a_lost_result_is_computed_again()
    {
        using var jobs = await PlanReference.MakeAsync(slots: 2);
        var first = await jobs.RunAsync("local", 2);
        var again = await jobs.RunAsync("local", 2);
        Assert.Equal(0, again["statistics"]!["computed"]!.GetValue<int>());
        Assert.Equal(again["statistics"]!["items"]!.GetValue<int>(), again["statistics"]!["hits"]!.GetValue<int>());

        // A result that is no longer what its name says is as good as lost.
        await File.AppendAllTextAsync(jobs.SomeOutcome(), " ", Token);
        var mended = await jobs.RunAsync("local", 2);
        Assert.Equal(PlanReference.Results(first), PlanReference.Results(mended));
        Assert.True(mended["statistics"]!["computed"]!.GetValue<int>() > 0);
    }
}

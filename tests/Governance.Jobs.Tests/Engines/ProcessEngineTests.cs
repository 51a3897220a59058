using Governance.Jobs.Engines;
using Governance.Jobs.Engines.Processes;
using Governance.Jobs.Plans;
using Governance.Jobs.Tests.Support;

namespace Governance.Jobs.Tests.Engines;

public sealed class ProcessEngineTests : EngineConformance, IDisposable
{
    private readonly ProcessEngine engine = new(slots: 4);
    private readonly ProcessEngine restarted = new(slots: 4);

    protected override bool Outlives => false;

    protected override IShardEngine Engine() => engine;

    protected override IShardEngine Restarted() => restarted;

    public void Dispose()
    {
        engine.Dispose();
        restarted.Dispose();
    }

    [Fact]
    public async Task A_program_that_is_not_there_loses_the_shard_with_a_reason()
    {
        using var folder = new TempFolder();
        var job = ScriptJobs.Of(folder, "", [0]) with { Command = new ShardCommand("/nowhere/gov", [], new Dictionary<string, string>()) };
        var state = (await engine.EndAsync(job, await engine.SubmitAsync(job, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken)).Single();

        Assert.Equal(ShardPhase.Lost, state.Phase);
        Assert.Contains("/nowhere/gov", state.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gpus_are_lent_to_one_shard_at_a_time()
    {
        using var folder = new TempFolder();
        using var two = new ProcessEngine(slots: 4, gpus: ["0", "1"]);
        await GpusAreAllottedAsync(two, folder);
    }

    [Fact]
    public async Task A_killed_shard_is_told_by_its_signal()
    {
        using var folder = new TempFolder();
        var job = ScriptJobs.Of(folder, "kill -9 $$", [0], new ShardResources(MemoryMiB: 128));
        var state = (await engine.EndAsync(job, await engine.SubmitAsync(job, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken)).Single();

        Assert.Equal((ShardPhase.Failed, 137), (state.Phase, state.ExitCode));
    }
}

using Governance.Jobs.Engines;
using Governance.Jobs.Engines.Ray;
using Governance.Jobs.Plans;
using Governance.Jobs.Tests.Support;

namespace Governance.Jobs.Tests.Engines;

/// <summary>The conformance suite against a server that enforces the documented Jobs API and really runs the entry points.</summary>
public sealed class RayEngineTests : EngineConformance, IAsyncLifetime
{
    private readonly List<RayEngine> engines = [];
    private StrictRay ray = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected override bool Outlives => true;

    public async ValueTask InitializeAsync() => ray = await StrictRay.StartAsync();

    public async ValueTask DisposeAsync()
    {
        engines.ForEach(e => e.Dispose());
        await ray.DisposeAsync();
    }

    protected override IShardEngine Engine() => Engine(slots: 4);

    protected override IShardEngine Restarted() => Engine();

    [Fact]
    public async Task Gpus_are_given_to_one_shard_at_a_time()
    {
        using var folder = new TempFolder();
        await GpusAreAllottedAsync(Engine(), folder);
    }

    [Fact]
    public async Task Ray_is_never_given_more_than_the_window()
    {
        using var folder = new TempFolder();
        var engine = Engine(slots: 2);
        var (a, b) = (ScriptJobs.Of(folder, "true", Enumerable.Range(0, 5)), ScriptJobs.Of(folder, "true", Enumerable.Range(0, 5)));
        await engine.SubmitAsync(a, Token);
        await engine.SubmitAsync(b, Token);
        var ended = await Task.WhenAll(engine.EndAsync(a, a.Name, Token), engine.EndAsync(b, b.Name, Token));

        Assert.All(ended.SelectMany(s => s), s => Assert.Equal(ShardPhase.Succeeded, s.Phase));
        Assert.Equal(2, ray.MostOpen);
    }

    [Fact]
    public async Task A_shard_on_a_node_that_died_is_lost_and_so_is_what_ray_forgot()
    {
        using var folder = new TempFolder();
        var engine = Engine(slots: 1);
        var job = ScriptJobs.Of(folder, "sleep 300", [0, 1]);
        await engine.SubmitAsync(job, Token);
        await engine.UntilAsync(job, job.Name, 0, ShardPhase.Running, Token);
        ray.LoseNode();
        await engine.UntilAsync(job, job.Name, 0, ShardPhase.Lost, Token);
        await engine.UntilAsync(job, job.Name, 1, ShardPhase.Running, Token);
        ray.Forget();

        Assert.All(await engine.EndAsync(job, job.Name, Token), s => Assert.Equal(ShardPhase.Lost, s.Phase));
    }

    [Fact]
    public async Task A_shard_that_waits_is_never_handed_over_once_cancelled()
    {
        using var folder = new TempFolder();
        var engine = Engine(slots: 1);
        var job = ScriptJobs.Of(folder, "echo ran > $OUT/ran.$SHARD_INDEX; sleep 300", [0, 1]);
        await engine.SubmitAsync(job, Token);
        await engine.UntilAsync(job, job.Name, 0, ShardPhase.Running, Token);
        await engine.CancelAsync(job, job.Name, null, Token);

        Assert.All(await engine.EndAsync(job, job.Name, Token), s => Assert.Equal(ShardPhase.Cancelled, s.Phase));
        Assert.False(File.Exists(folder.File("ran.1")));
    }

    [Theory]
    [InlineData(401, "no", EngineFault.Refused)]
    [InlineData(200, "{\"status\":\"FINE\"}", EngineFault.Unreachable)]
    [InlineData(200, "<html>", EngineFault.Unreachable)]
    [InlineData(503, "{}", EngineFault.Unreachable)]
    public async Task What_ray_answers_otherwise_is_a_fault_that_is_told(int status, string body, EngineFault fault)
    {
        using var folder = new TempFolder();
        var engine = Engine();
        var job = ScriptJobs.Of(folder, "sleep 300", [0]);
        await engine.SubmitAsync(job, Token);
        ray.Instead = (status, body);

        Assert.Equal(fault, (await Assert.ThrowsAsync<EngineException>(() => engine.PollAsync(job, job.Name, Token))).Fault);
    }

    [Fact]
    public async Task The_time_limit_and_the_resources_are_in_the_submission()
    {
        using var folder = new TempFolder();
        await Engine().SubmitAsync(ScriptJobs.Of(folder, "true", [3], new ShardResources(Cpus: 2, MemoryMiB: 256, Gpus: 1, Minutes: 7)), Token);
        var submission = ray.Accepted.Single();

        Assert.StartsWith("exec timeout -k 10 420 '/bin/sh'", (string?)submission["entrypoint"], StringComparison.Ordinal);
        Assert.Equal((2, 268_435_456, 1), ((int)submission["entrypoint_num_cpus"]!, (int)submission["entrypoint_memory"]!, (int)submission["entrypoint_num_gpus"]!));
        Assert.Equal("3", (string?)submission["runtime_env"]!["env_vars"]!["SHARD_INDEX"]);
    }

    private RayEngine Engine(int slots)
    {
        var engine = new RayEngine(new RayOptions { Url = ray.Url, Slots = slots, PollInterval = TimeSpan.FromMilliseconds(50) });
        engines.Add(engine);
        return engine;
    }
}

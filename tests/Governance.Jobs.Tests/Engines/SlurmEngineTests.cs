using Governance.Jobs.Engines;
using Governance.Jobs.Engines.Slurm;
using Governance.Jobs.Tests.Support;

namespace Governance.Jobs.Tests.Engines;

/// <summary>The conformance suite on a real Slurm, over its commands.</summary>
[Collection(SlurmCollection.Name)]
public sealed class SlurmCommandsTests(SlurmCluster cluster) : SlurmConformance(cluster)
{
    protected override SlurmOptions Options() => new() { Slots = 8 };
}

/// <summary>The conformance suite on a real Slurm, over slurmrestd with a token.</summary>
[Collection(SlurmCollection.Name)]
public sealed class SlurmRestTests(SlurmCluster cluster) : SlurmConformance(cluster)
{
    private readonly TempFolder secrets = new();

    protected override SlurmOptions Options()
    {
        var token = secrets.File("token");
        File.WriteAllText(token, Cluster.Variables["SLURM_LOCAL_REST_TOKEN"]);
        return new SlurmOptions
        {
            Slots = 8,
            Rest = new SlurmRestOptions(new Uri(Cluster.Variables["SLURM_LOCAL_REST_URL"]), Cluster.Variables["SLURM_LOCAL_REST_USER"], token, Cluster.Variables["SLURM_LOCAL_REST_API"]),
        };
    }

    [Fact]
    public async Task A_token_that_is_refused_is_said_so_without_showing_it()
    {
        SlurmCluster.SkipUnlessPossible();
        var options = Options();
        await File.WriteAllTextAsync(options.Rest!.TokenFile, "eyJhbGciOiJIUzI1NiJ9.SECRET.x", TestContext.Current.CancellationToken);
        using var engine = new SlurmEngine(options);
        using var folder = new TempFolder();
        var job = ScriptJobs.Of(folder, "true", [0]);
        var refused = await Assert.ThrowsAsync<EngineException>(() => engine.SubmitAsync(job, TestContext.Current.CancellationToken));

        Assert.Equal(EngineFault.Refused, refused.Fault);
        Assert.DoesNotContain("SECRET", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_where_nobody_answers_is_unreachable()
    {
        SlurmCluster.SkipUnlessPossible();
        using var engine = new SlurmEngine(Options() with { Rest = Options().Rest! with { Url = new Uri($"http://127.0.0.1:{FreePort.Find()}") } });
        using var folder = new TempFolder();
        var job = ScriptJobs.Of(folder, "true", [0]);
        var refused = await Assert.ThrowsAsync<EngineException>(() => engine.SubmitAsync(job, TestContext.Current.CancellationToken));

        Assert.Equal(EngineFault.Unreachable, refused.Fault);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        secrets.Dispose();
    }
}

public abstract class SlurmConformance(SlurmCluster cluster) : EngineConformance, IDisposable
{
    private readonly List<SlurmEngine> engines = [];

    protected SlurmCluster Cluster => cluster;

    protected override bool Outlives => true;

    protected abstract SlurmOptions Options();

    protected override IShardEngine Engine()
    {
        SlurmCluster.SkipUnlessPossible();

        // The commands read it; all tests of this collection use the same cluster.
        Environment.SetEnvironmentVariable("SLURM_CONF", cluster.Variables["SLURM_CONF"]);
        var engine = new SlurmEngine(Options());
        engines.Add(engine);
        return engine;
    }

    protected override IShardEngine Restarted() => Engine();

    [Fact]
    public async Task Gpus_are_given_by_the_scheduler()
    {
        using var folder = Shared();
        await GpusAreAllottedAsync(Engine(), folder);
    }

    [Fact]
    public async Task A_job_waits_for_the_end_of_another_also_of_one_that_failed()
    {
        using var folder = Shared();
        var engine = Engine();
        var first = ScriptJobs.Of(folder, "until test -e $OUT/go; do sleep 0.1; done; exit $SHARD_INDEX", [0, 1]);
        var second = ScriptJobs.Of(folder, "echo ran > $OUT/second", [0]) with { After = await engine.SubmitAsync(first, TestContext.Current.CancellationToken) };
        var ticket = await engine.SubmitAsync(second, TestContext.Current.CancellationToken);
        await engine.UntilAsync(first, second.After, 1, ShardPhase.Running, TestContext.Current.CancellationToken);
        Assert.Equal(ShardPhase.Queued, (await engine.PollAsync(second, ticket, TestContext.Current.CancellationToken)).Single().Phase);
        await File.WriteAllTextAsync(folder.File("go"), "", TestContext.Current.CancellationToken);

        Assert.Equal(ShardPhase.Succeeded, (await engine.EndAsync(second, ticket, TestContext.Current.CancellationToken)).Single().Phase);
        Assert.Equal([ShardPhase.Succeeded, ShardPhase.Failed], (await engine.PollAsync(first, second.After, TestContext.Current.CancellationToken)).Select(s => s.Phase));
    }

    [Fact]
    public async Task Shards_are_spread_over_nodes()
    {
        using var folder = Shared();
        var engine = Engine();
        var job = ScriptJobs.Of(folder, "echo $SLURMD_NODENAME > $OUT/node.$SHARD_INDEX; sleep 1", Enumerable.Range(0, 8), new(Cpus: 2, MemoryMiB: 128, Minutes: 5));
        await engine.EndAsync(job, await engine.SubmitAsync(job, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

        Assert.True(Directory.EnumerateFiles(folder.Path, "node.*").Select(File.ReadAllText).Distinct().Count() >= 2);
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        foreach (var engine in engines)
        {
            engine.Dispose();
        }
    }
}

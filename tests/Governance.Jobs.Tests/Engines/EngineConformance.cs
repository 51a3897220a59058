using System.Globalization;
using Governance.Jobs.Engines;
using Governance.Jobs.Plans;
using Governance.Jobs.Tests.Support;

namespace Governance.Jobs.Tests.Engines;

/// <summary>What every engine that starts processes must do. One class per engine gives it a real back end.</summary>
public abstract class EngineConformance
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The engine, or a skip that says what is missing.</summary>
    protected abstract IShardEngine Engine();

    /// <summary>The gateway was restarted: another engine object over the same back end.</summary>
    protected abstract IShardEngine Restarted();

    /// <summary>Whether the back end outlives this process.</summary>
    protected abstract bool Outlives { get; }

    /// <summary>A folder that the shards can reach.</summary>
    protected virtual TempFolder Shared() => new();

    [Fact]
    public async Task Every_index_is_delivered_once()
    {
        using var folder = Shared();
        var engine = Engine();
        var job = ScriptJobs.Of(folder, "echo ran >> $OUT/ran.$SHARD_INDEX", [0, 1, 2, 5, 9]);
        var states = await engine.EndAsync(job, await engine.SubmitAsync(job, Token), Token);

        Assert.Equal([0, 1, 2, 5, 9], states.Select(s => s.Index));
        Assert.All(states, s => Assert.Equal((ShardPhase.Succeeded, 0), (s.Phase, s.ExitCode)));
        Assert.Equal(["ran.0", "ran.1", "ran.2", "ran.5", "ran.9"], Directory.EnumerateFiles(folder.Path, "ran.*").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Directory.EnumerateFiles(folder.Path, "ran.*"), f => Assert.Equal("ran\n", File.ReadAllText(f)));
    }

    [Fact]
    public async Task The_exit_code_of_each_shard_is_told()
    {
        using var folder = Shared();
        var engine = Engine();
        var job = ScriptJobs.Of(folder, "exit $SHARD_INDEX", [0, 3, 75]);
        var states = await engine.EndAsync(job, await engine.SubmitAsync(job, Token), Token);

        Assert.Equal([(0, ShardPhase.Succeeded, 0), (3, ShardPhase.Failed, 3), (75, ShardPhase.Failed, 75)], states.Select(s => (s.Index, s.Phase, s.ExitCode ?? -1)));
    }

    [Fact]
    public async Task A_cancelled_shard_stops_and_the_others_go_on()
    {
        using var folder = Shared();
        var engine = Engine();
        var job = ScriptJobs.Of(folder, "if [ $SHARD_INDEX = 1 ]; then sleep 300; fi; echo done > $OUT/done.$SHARD_INDEX", [0, 1]);
        var ticket = await engine.SubmitAsync(job, Token);
        await engine.UntilAsync(job, ticket, 1, ShardPhase.Running, Token);
        await engine.CancelAsync(job, ticket, [1], Token);
        var states = await engine.EndAsync(job, ticket, Token);

        Assert.Equal([ShardPhase.Succeeded, ShardPhase.Cancelled], states.Select(s => s.Phase));
        Assert.True(File.Exists(folder.File("done.0")));
        Assert.False(File.Exists(folder.File("done.1")));
        await engine.CancelAsync(job, ticket, null, Token);
    }

    [Fact]
    public async Task What_a_shard_writes_is_found_again()
    {
        using var folder = Shared();
        var engine = Engine();
        var job = ScriptJobs.Of(folder, "echo out of $SHARD_INDEX; echo err of $SHARD_INDEX >&2", [0, 1]);
        var ticket = await engine.SubmitAsync(job, Token);
        await engine.EndAsync(job, ticket, Token);

        var log = await engine.LogAsync(job, ticket, 1, Token);
        Assert.Contains("out of 1", log, StringComparison.Ordinal);
        Assert.Contains("err of 1", log, StringComparison.Ordinal);
        Assert.DoesNotContain("of 0", log, StringComparison.Ordinal);
        Assert.Equal("", await engine.LogAsync(job, ticket, 7, Token));
    }

    [Fact]
    public async Task No_more_shards_run_at_once_than_asked_for()
    {
        using var folder = Shared();
        var engine = Engine();

        // Each shard takes a lock that only one can hold; a second one at the same time leaves a mark.
        var job = ScriptJobs.Of(folder, "mkdir $OUT/held || touch $OUT/overlap; sleep 0.2; rmdir $OUT/held; true", Enumerable.Range(0, 4), maxParallel: 1);
        var states = await engine.EndAsync(job, await engine.SubmitAsync(job, Token), Token);

        Assert.All(states, s => Assert.Equal(ShardPhase.Succeeded, s.Phase));
        Assert.False(File.Exists(folder.File("overlap")));
    }

    [Fact]
    public async Task Submitting_a_job_twice_runs_it_once()
    {
        using var folder = Shared();
        var engine = Engine();
        var job = ScriptJobs.Of(folder, "echo ran >> $OUT/ran", [0]);
        var first = await engine.SubmitAsync(job, Token);
        var second = await engine.SubmitAsync(job, Token);
        await engine.EndAsync(job, first, Token);

        Assert.Equal(first, second);
        Assert.Equal("ran\n", await File.ReadAllTextAsync(folder.File("ran"), Token));
    }

    [Fact]
    public async Task After_a_restart_of_the_gateway_the_states_are_known_or_lost()
    {
        using var folder = Shared();
        var job = ScriptJobs.Of(folder, "sleep 1; exit 4", [0]);
        var ticket = await Engine().SubmitAsync(job, Token);
        var again = Restarted();
        var state = (await again.EndAsync(job, ticket, Token)).Single();

        Assert.Equal(Outlives ? ShardPhase.Failed : ShardPhase.Lost, state.Phase);
        if (Outlives)
        {
            Assert.Equal(ticket, await again.SubmitAsync(job, Token));
        }
    }

    [Fact]
    public async Task Words_reach_the_shard_as_they_are()
    {
        using var folder = Shared();
        var engine = Engine();
        const string Hostile = "a b'c\"d$HOME `id` \\ ;&|";
        var job = ScriptJobs.Of(folder, "", [0]) with
        {
            Command = new ShardCommand("/bin/sh", ["-c", "printf '%s\\n%s' \"$1\" \"$WORD\" > \"$OUT/words\"", "sh", Hostile], new Dictionary<string, string> { ["OUT"] = folder.Path, ["WORD"] = Hostile }),
        };
        await engine.EndAsync(job, await engine.SubmitAsync(job, Token), Token);

        Assert.Equal($"{Hostile}\n{Hostile}", await File.ReadAllTextAsync(folder.File("words"), Token));
    }

    [Fact]
    public async Task More_gpus_than_there_are_is_refused_at_once()
    {
        using var folder = Shared();
        var engine = Engine();
        var job = ScriptJobs.Of(folder, "true", [0], new ShardResources(Gpus: 4096, MemoryMiB: 128));
        var refused = await Assert.ThrowsAsync<EngineException>(() => engine.SubmitAsync(job, Token));

        Assert.Equal(EngineFault.Refused, refused.Fault);
        Assert.NotEmpty(refused.Message);
    }

    /// <summary>A GPU that is asked for is seen by the shard, and by no two at once.</summary>
    protected static async Task GpusAreAllottedAsync(IShardEngine engine, TempFolder folder)
    {
        var job = ScriptJobs.Of(
            folder, "mkdir $OUT/gpu.$CUDA_VISIBLE_DEVICES.$(hostname)$SLURMD_NODENAME || touch $OUT/overlap; sleep 0.5; rmdir $OUT/gpu.*.$(hostname)$SLURMD_NODENAME 2>/dev/null; test -n \"$CUDA_VISIBLE_DEVICES\"",
            Enumerable.Range(0, 4), new ShardResources(Gpus: 1, MemoryMiB: 128), maxParallel: 1);
        var states = await engine.EndAsync(job, await engine.SubmitAsync(job, Token), Token);

        Assert.All(states, s => Assert.Equal((ShardPhase.Succeeded, 0), (s.Phase, s.ExitCode ?? 0)));
        Assert.False(File.Exists(folder.File("overlap")), string.Create(CultureInfo.InvariantCulture, $"{states.Count} shards shared a GPU."));
    }
}

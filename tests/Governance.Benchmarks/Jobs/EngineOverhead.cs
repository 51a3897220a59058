using System.Diagnostics;
using System.Runtime.CompilerServices;
using Governance.Jobs.Engines;
using Governance.Jobs.Engines.InProcess;
using Governance.Jobs.Engines.Kubernetes;
using Governance.Jobs.Engines.Processes;
using Governance.Jobs.Engines.Ray;
using Governance.Jobs.Engines.Slurm;
using Governance.Jobs.Plans;
using Governance.Jobs.Tests.Support;
using Governance.Testing;

namespace Governance.Benchmarks.Jobs;

/// <summary>From handing in a job of near-empty shards to knowing that all have ended.</summary>
/// <param name="Lost">Shards the back end lost; they are not started again here.</param>
/// <param name="ShardsPerSecond">What the engine starts and ends at most.</param>
/// <param name="FirstSeconds">The same for a job of one shard: what a stage costs at least. Median of five.</param>
/// <param name="Load">One-minute load average of the machine before and after.</param>
internal sealed record EngineOverhead(string Item, string Engine, int Shards, int Slots, int Lost, double Seconds, double ShardsPerSecond, double FirstSeconds, string Load, int Processors)
{
    /// <summary>Whether its tasks go on with other shards by themselves.</summary>
    public bool GoesOn => Engine == "slurm";

    public static async IAsyncEnumerable<EngineOverhead> MeasureAsync(int shards, LocalSlurm? slurm, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var slots = Environment.ProcessorCount;
        using var inProcess = new InProcessEngine((_, _, _) => Task.FromResult(0), slots);
        using var processes = new ProcessEngine(slots);
        yield return await MeasureAsync(inProcess, shards, slots, cancellationToken);
        yield return await MeasureAsync(processes, shards, slots, cancellationToken);

        // Servers of the test suite that run every command at once as a process: what is measured is the engine's requests and polling, not a scheduler.
        await using (var cluster = await StrictKubernetes.StartAsync())
        {
            using var kubernetes = new KubernetesEngine(
                new KubernetesOptions
                {
                    Access = new KubernetesAccess(cluster.Url, StrictKubernetes.Namespace, token: StrictKubernetes.Token),
                    Image = StrictKubernetes.Image,
                    Claim = StrictKubernetes.Claim,
                    MountPath = "/shared",
                },
                TimeProvider.System);
            yield return await MeasureAsync(kubernetes, shards, kubernetes.Slots, cancellationToken);
        }

        await using (var cluster = await StrictRay.StartAsync())
        {
            using var ray = new RayEngine(new RayOptions { Url = cluster.Url });
            yield return await MeasureAsync(ray, shards, ray.Slots, cancellationToken);
        }

        if (slurm is not null)
        {
            using var batch = new SlurmEngine(new SlurmOptions { Slots = LocalSlurm.Slots });
            yield return await MeasureAsync(batch, shards, LocalSlurm.Slots, cancellationToken);
        }
    }

    private static async Task<EngineOverhead> MeasureAsync(IShardEngine engine, int shards, int slots, CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var before = LoadAverage();
        var first = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            first.Add((await RunAsync(engine, folder, 1, cancellationToken)).Seconds);
        }

        var (seconds, lost) = await RunAsync(engine, folder, shards, cancellationToken);
        return new EngineOverhead(
            "engine_overhead", engine.Name, shards, slots, lost, Math.Round(seconds, 3), Math.Round(shards / seconds, 1), Math.Round(first.Order().ElementAt(2), 3), $"{before} to {LoadAverage()}", Environment.ProcessorCount);
    }

    private static async Task<(double Seconds, int Lost)> RunAsync(IShardEngine engine, TempFolder folder, int shards, CancellationToken cancellationToken)
    {
        var job = new ShardJob
        {
            Name = "bench-" + Guid.NewGuid().ToString("n")[..12],
            Indices = [.. Enumerable.Range(0, shards)],
            Command = new ShardCommand("/bin/true", [], new Dictionary<string, string>()),
            Resources = new ShardResources(MemoryMiB: 64, Minutes: 5),
            Folder = folder.Path,
        };
        var clock = Stopwatch.GetTimestamp();
        var ticket = await engine.SubmitAsync(job, cancellationToken);
        IReadOnlyList<ShardState> states;
        while (!(states = await engine.PollAsync(job, ticket, cancellationToken)).All(s => s.HasEnded))
        {
            await Task.Delay(engine.PollInterval, cancellationToken);
        }

        var lost = states.Count(s => s.Phase is ShardPhase.Lost);
        return states.All(s => s.Phase is ShardPhase.Succeeded or ShardPhase.Lost)
            ? (Stopwatch.GetElapsedTime(clock).TotalSeconds, lost)
            : throw new InvalidOperationException($"{engine.Name}: {states.First(s => s.Phase is not (ShardPhase.Succeeded or ShardPhase.Lost))}");
    }

    private static string LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}

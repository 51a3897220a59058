using System.Collections.Concurrent;
using Governance.Core;
using Governance.Core.State;
using Governance.Gateway.Hosting;
using Governance.Jobs.Engines;
using Governance.Jobs.Engines.InProcess;
using Governance.Jobs.Engines.Kubernetes;
using Governance.Jobs.Engines.Processes;
using Governance.Jobs.Engines.Ray;
using Governance.Jobs.Engines.Slurm;
using Governance.Jobs.Runs;
using Governance.Jobs.Shards;

namespace Governance.Gateway.Runs;

/// <summary>The configured engines, and the folders they work in. Thread-safe until disposed.</summary>
public sealed class RunEngine : IDisposable
{
    private const int ClusterSlots = 16;
    private readonly ConcurrentDictionary<string, Lazy<IShardEngine>> engines;
    private readonly SharedInputs inputs;
    private readonly DataFolder data;
    private readonly TimeProvider time;

    public RunEngine(JobsOptions options, DataFolder data, TimeProvider time)
    {
        (Options, this.data, this.time) = (options, data, time);
        Folder = new JobsFolder(options.Folder ?? Path.Combine(data.Root, "jobs"));
        inputs = new SharedInputs(digest => ArtifactPath.Of(data.Artifacts, digest));
        engines = new(Names.Select(n => KeyValuePair.Create(n, new Lazy<IShardEngine>(() => Create(n)))), StringComparer.Ordinal);
        _ = engines[options.Engine].Value;
    }

    public JobsOptions Options { get; }

    /// <summary>Of the runs that make evidence.</summary>
    public JobsFolder Folder { get; }

    /// <summary>The engines a run may name; the usual one first.</summary>
    public IReadOnlyList<string> Names => [Options.Engine, .. Options.Engines.Where(e => e != Options.Engine).Distinct(StringComparer.Ordinal)];

    /// <summary>Where a run's shards run.</summary>
    /// <exception cref="EngineException">The run names an engine that this gateway does not have, or its credentials cannot be used.</exception>
    public IShardEngine Of(RunState run) => engines.TryGetValue(run.Options.Engine ?? Options.Engine, out var engine)
        ? engine.Value
        : throw new EngineException(EngineFault.Refused, $"This gateway has no engine '{run.Options.Engine}'.");

    /// <summary>A computation that is to be compared finds nothing of the first one: it has a folder of its own.</summary>
    public JobsFolder FolderOf(RunState run) => run.Options.Reproduces is null ? Folder : new JobsFolder(Path.Combine(Folder.Root, "reproductions", run.Id));

    /// <exception cref="EngineException">As <see cref="Of"/>.</exception>
    public PlanRunner RunnerOf(RunState run)
    {
        string[] program = Options.Program ?? ["gov"];
        var folder = FolderOf(run);
        var command = new ShardCommand(
            program[0],
            [.. program.Skip(1), "shard", "run", "--artifacts", data.Artifacts, "--results", Path.Combine(folder.Root, "results")],
            new Dictionary<string, string>());
        return new PlanRunner(Of(run), folder.Results, command, new RetryPolicy(), time);
    }

    public void Dispose()
    {
        foreach (var engine in engines.Values.Where(e => e.IsValueCreated))
        {
            (engine.Value as IDisposable)?.Dispose();
        }

        inputs.Dispose();
    }

    private IShardEngine Create(string name) => name switch
    {
        "processes" => new ProcessEngine(Options.Slots),
        "slurm" => new SlurmEngine(Options.Slurm.ToOptions(Options.Slots ?? ClusterSlots)),
        "kubernetes" => new KubernetesEngine(Options.Kubernetes.ToOptions(Options.Slots ?? ClusterSlots), time),
        "ray" => new RayEngine(Options.Ray.ToOptions(Options.Slots ?? ClusterSlots)),
        _ => new InProcessEngine((job, index, token) => InProcessShard.RunAsync(job, index, JobsFolder.OfPlan(job.Folder).Results, inputs, time, token), Options.Slots),
    };
}

using Governance.Core;
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

/// <summary>The configured engine with its folder, and the runner over both. Thread-safe until disposed.</summary>
public sealed class RunEngine : IDisposable
{
    private const int ClusterSlots = 16;
    private readonly SharedInputs inputs;

    public RunEngine(JobsOptions options, DataFolder data, TimeProvider time)
    {
        Options = options;
        Folder = new JobsFolder(options.Folder ?? Path.Combine(data.Root, "jobs"));
        inputs = new SharedInputs(digest => ArtifactPath.Of(data.Artifacts, digest));
        Engine = options.Engine switch
        {
            "processes" => new ProcessEngine(options.Slots),
            "slurm" => new SlurmEngine(options.Slurm.ToOptions(options.Slots ?? ClusterSlots)),
            "kubernetes" => new KubernetesEngine(options.Kubernetes.ToOptions(options.Slots ?? ClusterSlots), time),
            "ray" => new RayEngine(options.Ray.ToOptions(options.Slots ?? ClusterSlots)),
            _ => new InProcessEngine((job, index, token) => InProcessShard.RunAsync(job, index, Folder.Results, inputs, time, token), options.Slots),
        };
        string[] program = options.Program ?? ["gov"];
        var command = new ShardCommand(
            program[0],
            [.. program.Skip(1), "shard", "run", "--artifacts", data.Artifacts, "--results", Path.Combine(Folder.Root, "results")],
            new Dictionary<string, string>());
        Runner = new PlanRunner(Engine, Folder.Results, command, new RetryPolicy(), time);
    }

    public JobsOptions Options { get; }

    public JobsFolder Folder { get; }

    public IShardEngine Engine { get; }

    public PlanRunner Runner { get; }

    public void Dispose()
    {
        (Engine as IDisposable)?.Dispose();
        inputs.Dispose();
    }
}

using Governance.Jobs.Engines.Kubernetes;
using Governance.Jobs.Engines.Ray;
using Governance.Jobs.Engines.Slurm;
using Governance.Models.Onnx;

namespace Governance.Gateway.Runs;

/// <summary>Where checks run: section <c>Gateway:Jobs</c>.</summary>
public sealed class JobsOptions
{
    /// <summary><c>local</c> (default): in this process. <c>processes</c>: each shard in a process of its own. <c>slurm</c>, <c>kubernetes</c>, <c>ray</c>: a cluster.</summary>
    public string Engine { get; set; } = "local";

    /// <summary>Engines that a run may name besides <see cref="Engine"/>, each with its own settings. Default none.</summary>
    public string[] Engines { get; set; } = [];

    /// <summary>What a team may have at once and in a day.</summary>
    public RunQuotas Quotas { get; set; } = new();

    /// <summary>Folder of plans and results, seen by every node. Default: <c>jobs</c> in the data folder.</summary>
    public string? Folder { get; set; }

    /// <summary>Shards at once. Default: one per processor here, 16 on a cluster.</summary>
    public int? Slots { get; set; }

    /// <summary>Runs at once; their shards share the slots. Default 2.</summary>
    public int Runs { get; set; } = 2;

    /// <summary>Program and first arguments of <c>gov</c> as a node starts it. Default <c>gov</c>.</summary>
    public string[]? Program { get; set; }

    /// <summary>Memory of a shard, in MiB. Default 2048.</summary>
    public int ShardMemoryMiB { get; set; } = 2048;

    /// <summary>Time limit of a shard, in minutes. Default 60.</summary>
    public int ShardMinutes { get; set; } = 60;

    /// <summary>GPUs of a shard. Default 0.</summary>
    public int ShardGpus { get; set; }

    /// <summary><c>never</c> (default), <c>prefer</c> or <c>require</c>: whether models run on the shard's GPU.</summary>
    public GpuUse Gpu { get; set; } = GpuUse.Never;

    public SlurmSettings Slurm { get; set; } = new();

    public KubernetesSettings Kubernetes { get; set; } = new();

    public RaySettings Ray { get; set; } = new();

    /// <summary>Everything wrong with the settings, each naming its key.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (var engine in Engines.Prepend(Engine).Where(e => e is not ("local" or "processes" or "slurm" or "kubernetes" or "ray")))
        {
            yield return $"Gateway:Jobs:Engine and Engines: '{engine}' must be local, processes, slurm, kubernetes or ray.";
        }

        foreach (var fault in Quotas.Faults("Gateway:Jobs:Quotas"))
        {
            yield return fault;
        }

        if (Slots is < 1 or > 100_000)
        {
            yield return "Gateway:Jobs:Slots must be from 1 to 100000.";
        }

        if (Runs is < 1 or > 1000)
        {
            yield return "Gateway:Jobs:Runs must be from 1 to 1000.";
        }

        if (Program is not null && (Program.Length == 0 || string.IsNullOrWhiteSpace(Program[0])))
        {
            yield return "Gateway:Jobs:Program must name the program that nodes start.";
        }

        if (ShardMemoryMiB is < 64 or > 1 << 20)
        {
            yield return "Gateway:Jobs:ShardMemoryMiB must be from 64 to 1048576.";
        }

        if (ShardMinutes is < 1 or > 10_080)
        {
            yield return "Gateway:Jobs:ShardMinutes must be from 1 to 10080.";
        }

        if (ShardGpus is < 0 or > 64)
        {
            yield return "Gateway:Jobs:ShardGpus must be from 0 to 64.";
        }

        if (ShardGpus > 0 && Gpu is GpuUse.Never)
        {
            yield return "Gateway:Jobs:Gpu must be prefer or require when shards are given GPUs.";
        }

        if (Slurm.RestUrl is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"))
        {
            yield return "Gateway:Jobs:Slurm:RestUrl must be an http or https address.";
        }

        if (!(Slurm.LaunchesPerSecond is >= 0.1 and <= 100_000))
        {
            yield return "Gateway:Jobs:Slurm:LaunchesPerSecond must be from 0.1 to 100000.";
        }

        if (Slurm.RestUrl is not null && (Slurm.User is null || Slurm.TokenFile is null))
        {
            yield return "Gateway:Jobs:Slurm: with a RestUrl, User and TokenFile must be set.";
        }

        foreach (var fault in Engines.Prepend(Engine).Distinct(StringComparer.Ordinal).SelectMany(e => e switch { "kubernetes" => Kubernetes.Faults(), "ray" => Ray.Faults(), _ => [] }))
        {
            yield return fault;
        }
    }
}

/// <summary>Settings of the Slurm engine: section <c>Gateway:Jobs:Slurm</c>.</summary>
public sealed class SlurmSettings
{
    /// <summary>Tasks that the cluster starts a second; plans are not cut finer than pays at that rate. Default 10.</summary>
    public double LaunchesPerSecond { get; set; } = 10;

    public string? Partition { get; set; }

    public string? Account { get; set; }

    public string? Qos { get; set; }

    /// <summary>Address of slurmrestd; without it the commands <c>sbatch</c>, <c>squeue</c> and <c>scancel</c> are used.</summary>
    public string? RestUrl { get; set; }

    public string? User { get; set; }

    /// <summary>File that holds slurmrestd's token; read at each request.</summary>
    public string? TokenFile { get; set; }

    /// <summary>Version in slurmrestd's paths. Default <c>v0.0.38</c>.</summary>
    public string ApiVersion { get; set; } = "v0.0.38";

    public SlurmOptions ToOptions(int slots) => new()
    {
        Slots = slots,
        LaunchesPerSecond = LaunchesPerSecond,
        Partition = Partition,
        Account = Account,
        Qos = Qos,
        Rest = RestUrl is null ? null : new SlurmRestOptions(new Uri(RestUrl), User!, TokenFile!, ApiVersion),
    };
}

/// <summary>Settings of the Kubernetes engine: section <c>Gateway:Jobs:Kubernetes</c>.</summary>
public sealed class KubernetesSettings
{
    /// <summary>Image of the shards with <c>gov</c>, by digest.</summary>
    public string? Image { get; set; }

    /// <summary>Persistent volume claim of the shared folder.</summary>
    public string? Claim { get; set; }

    /// <summary>Where pods mount it: where this gateway sees the same folder.</summary>
    public string? MountPath { get; set; }

    /// <summary>A kubeconfig; without it the service account of the gateway's own pod is used.</summary>
    public string? Kubeconfig { get; set; }

    /// <summary>Context of the kubeconfig; its current one when null.</summary>
    public string? Context { get; set; }

    /// <summary>Namespace of the jobs; the context's or the pod's own when null.</summary>
    public string? Namespace { get; set; }

    /// <summary>Local queue of Kueue; null without Kueue.</summary>
    public string? Queue { get; set; }

    /// <summary>Service account of the shards' pods.</summary>
    public string? ServiceAccount { get; set; }

    /// <summary>Labels of the nodes to run on.</summary>
    public Dictionary<string, string> NodeSelector { get; set; } = [];

    /// <summary>GPUs of the largest node. Default 8.</summary>
    public int MaxGpus { get; set; } = 8;

    /// <summary>User and group of the shards. Default 1654.</summary>
    public int User { get; set; } = 1654;

    public IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Image) || string.IsNullOrWhiteSpace(Claim))
        {
            yield return "Gateway:Jobs:Kubernetes: Image and Claim must be set.";
        }

        if (MountPath is null || !MountPath.StartsWith('/'))
        {
            yield return "Gateway:Jobs:Kubernetes:MountPath must be the absolute path of the shared folder.";
        }

        if (MaxGpus is < 0 or > 1024)
        {
            yield return "Gateway:Jobs:Kubernetes:MaxGpus must be from 0 to 1024.";
        }

        if (User < 1)
        {
            yield return "Gateway:Jobs:Kubernetes:User must be 1 or more: shards do not run as root.";
        }
    }

    /// <exception cref="Governance.Jobs.Engines.EngineException">The credentials cannot be used.</exception>
    public KubernetesOptions ToOptions(int slots) => new()
    {
        Access = Kubeconfig is null
            ? KubernetesAccess.InCluster(Namespace, Environment.GetEnvironmentVariable)
            : Governance.Jobs.Engines.Kubernetes.Kubeconfig.Read(Kubeconfig, Context, Namespace),
        Image = Image!,
        Claim = Claim!,
        MountPath = MountPath!,
        Slots = slots,
        MaxGpus = MaxGpus,
        Queue = Queue,
        NodeSelector = NodeSelector,
        ServiceAccount = ServiceAccount,
        User = User,
    };
}

/// <summary>Settings of the Ray engine: section <c>Gateway:Jobs:Ray</c>.</summary>
public sealed class RaySettings
{
    /// <summary>Address of Ray's dashboard: <c>http://ray-head:8265</c>.</summary>
    public string? Url { get; set; }

    /// <summary>File of the bearer token of a proxy before it; read at each request.</summary>
    public string? TokenFile { get; set; }

    /// <summary>GPUs of the largest node. Default 8.</summary>
    public int MaxGpus { get; set; } = 8;

    public IEnumerable<string> Faults()
    {
        if (!(Uri.TryCreate(Url, UriKind.Absolute, out var parsed) && parsed!.Scheme is "http" or "https"))
        {
            yield return "Gateway:Jobs:Ray:Url must be an http or https address.";
        }

        if (MaxGpus is < 0 or > 1024)
        {
            yield return "Gateway:Jobs:Ray:MaxGpus must be from 0 to 1024.";
        }
    }

    public RayOptions ToOptions(int slots) => new() { Url = new Uri(Url!), TokenFile = TokenFile, Slots = slots, MaxGpus = MaxGpus };
}

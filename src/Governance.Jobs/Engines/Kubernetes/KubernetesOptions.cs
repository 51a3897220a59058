namespace Governance.Jobs.Engines.Kubernetes;

/// <summary>Where and how shards run on Kubernetes (1.33 or newer). Immutable.</summary>
public sealed record KubernetesOptions
{
    /// <summary>Who this installation is to the cluster.</summary>
    public required KubernetesAccess Access { get; init; }

    /// <summary>Image with <c>gov</c>, the same build as the gateway's. Name it by digest.</summary>
    public required string Image { get; init; }

    /// <summary>Persistent volume claim of the shared folder, in the same namespace; access mode ReadWriteMany.</summary>
    public required string Claim { get; init; }

    /// <summary>Where pods see the shared folder: the path the gateway sees it at.</summary>
    public required string MountPath { get; init; }

    /// <summary>Shards at work at once: the share of the cluster this installation may use. Default 16.</summary>
    public int Slots { get; init; } = 16;

    /// <summary>GPUs of the largest node: a shard that asks for more is refused at once. Default 8.</summary>
    public int MaxGpus { get; init; } = 8;

    /// <summary>Kueue's local queue; null to leave the jobs to the scheduler.</summary>
    public string? Queue { get; init; }

    /// <summary>Labels of the nodes that shards run on; empty for any.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Service account of the pods; its token is not mounted. Null for the namespace's default.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>User and group of the shards, not root: who may write the shared folder. Default 1654, <c>app</c> in .NET's images.</summary>
    public int User { get; init; } = 1654;

    /// <summary>A finished job and its logs are kept so long. Default one day.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(1);

    /// <summary>A job may wait so long for nodes, besides what its shards may run. Default one day.</summary>
    public TimeSpan QueueLimit { get; init; } = TimeSpan.FromDays(1);

    /// <summary>When no pod of a job can pull its image for so long, the run ends with that reason. Default 5 min.</summary>
    public TimeSpan ImagePatience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often states are asked for. Default 2 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one question may take. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}

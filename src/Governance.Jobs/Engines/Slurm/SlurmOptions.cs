namespace Governance.Jobs.Engines.Slurm;

/// <summary>Where and how shards run on Slurm. Immutable.</summary>
public sealed record SlurmOptions
{
    /// <summary>Shards at work at once: the share of the cluster this installation may use. Default 16.</summary>
    public int Slots { get; init; } = 16;

    /// <summary>Tasks that the cluster starts a second, at most; more than 0. Default 10, about what Slurm on one machine does.</summary>
    public double LaunchesPerSecond { get; init; } = 10;

    /// <summary>Partition; null for the cluster's default.</summary>
    public string? Partition { get; init; }

    public string? Account { get; init; }

    public string? Qos { get; init; }

    /// <summary>slurmrestd; null to use <c>sbatch</c>, <c>squeue</c>, <c>sacct</c> and <c>scancel</c>, which must be on the path.</summary>
    public SlurmRestOptions? Rest { get; init; }

    /// <summary>How long one question may take. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <param name="Url">Address of slurmrestd, without path.</param>
/// <param name="User">Sent as <c>X-SLURM-USER-NAME</c>.</param>
/// <param name="TokenFile">File that holds the JWT; read at each request, so that it may be renewed. Never logged.</param>
/// <param name="Version">Of the API, as in its paths: <c>v0.0.38</c>.</param>
public sealed record SlurmRestOptions(Uri Url, string User, string TokenFile, string Version = "v0.0.38");

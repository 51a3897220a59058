namespace Governance.Jobs.Engines.Ray;

/// <summary>Where shards run on Ray. Immutable.</summary>
public sealed record RayOptions
{
    /// <summary>Address of the dashboard, which serves the Jobs API: <c>http://ray-head:8265</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>File of a bearer token for a proxy before the dashboard, read at each request; null for none. Ray itself asks nobody who they are.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Shards given to Ray at once, of all jobs: no more than it can start within 15 minutes, after which Ray fails a waiting job. Default 16.</summary>
    public int Slots { get; init; } = 16;

    /// <summary>GPUs of the largest node: a shard that asks for more is refused at once. Default 8.</summary>
    public int MaxGpus { get; init; } = 8;

    /// <summary>How often states are asked for. Default 1 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one question may take. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}

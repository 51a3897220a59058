namespace Governance.Serving.Requests;

/// <summary>How long requests are remembered. Immutable.</summary>
public sealed record RequestMemoryOptions
{
    /// <summary>How long a request id stands for its answer. Default one hour.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Most requests remembered; beyond it the oldest are forgotten before their time. Default 100,000: about 15 MB.</summary>
    public int Most { get; init; } = 100_000;
}

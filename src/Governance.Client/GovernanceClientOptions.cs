namespace Governance.Client;

/// <summary>Limits of a <see cref="GovernanceClient"/>. Immutable.</summary>
public sealed record GovernanceClientOptions
{
    /// <summary>Longest wait for an ordinary answer. Default 100 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Longest wait for an upload, a report or a verification of a whole log. Default 10 min.</summary>
    public TimeSpan LongTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often a call that is safe to repeat is sent again. Default 2; 0 switches retries off.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>Wait before the first retry; doubles, with jitter. Default 250 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(250);
}

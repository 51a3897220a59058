namespace Governance.Core.State;

/// <summary>What the log says of a schedule. Immutable.</summary>
public sealed record ScheduleState
{
    /// <summary>Why it is paused; null when it is not.</summary>
    public string? Paused { get; init; }

    /// <summary>Who paused it.</summary>
    public string? PausedBy { get; init; }

    /// <summary>The last time that what was due failed for good; null when it never did.</summary>
    public ScheduleFailure? Failure { get; init; }
}

/// <param name="Node">The gateway that gave up.</param>
public sealed record ScheduleFailure(DateTimeOffset Time, string Node, string Reason, int Attempts);

namespace Governance.Client.Contracts;

/// <summary>Work of the calendar: when it runs, and how it ended the last time.</summary>
public sealed record ScheduleDetails
{
    /// <summary>What it is called: <c>revalidation</c>.</summary>
    public required string Name { get; init; }

    public required string Summary { get; init; }

    /// <summary>Quartz cron expression with seconds, UTC.</summary>
    public required string Cron { get; init; }

    /// <summary>True for work that every gateway does by itself; what follows is then about the gateway that answers.</summary>
    public required bool EveryNode { get; init; }

    /// <summary>Due times at which no gateway ran: <c>run-once</c>, one run makes up for them; <c>skip</c>.</summary>
    public required string Missed { get; init; }

    /// <summary>The next due time, UTC; also while it is paused.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>When it last ended, UTC; null before the first time.</summary>
    public DateTimeOffset? Last { get; init; }

    /// <summary><c>done</c> or <c>failed</c>.</summary>
    public string? Outcome { get; init; }

    /// <summary>The gateway that ran it last.</summary>
    public string? Node { get; init; }

    /// <summary>Why it is paused; null when it is not.</summary>
    public string? Paused { get; init; }

    public string? PausedBy { get; init; }

    /// <summary>The last time it failed with all its retries.</summary>
    public ScheduleFailureDetails? Failure { get; init; }
}

/// <param name="Attempts">How often it was tried.</param>
public sealed record ScheduleFailureDetails(DateTimeOffset Time, string Node, string Reason, int Attempts);

public sealed record PauseScheduleRequest(string Reason);

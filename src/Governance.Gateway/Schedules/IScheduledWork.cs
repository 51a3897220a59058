namespace Governance.Gateway.Schedules;

/// <summary>
/// Work of the calendar. It looks at what is and does what is missing, so that running it twice, late or not at all does no harm that the next run
/// does not mend.
/// </summary>
public interface IScheduledWork
{
    Schedule Schedule { get; }

    /// <summary>Does what is due now. What it throws makes the scheduler try again, three times at most; then the failure is recorded.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}

/// <summary>When and where some work runs. Immutable.</summary>
/// <param name="Name">Lower-case letters and hyphens: what people and the log call it. Never changed: the log names it.</param>
/// <param name="Summary">One sentence for people.</param>
/// <param name="Cron">Quartz cron expression with seconds, UTC; <c>Gateway:Schedules:Cron:NAME</c> replaces it.</param>
/// <param name="Scope">On every gateway, or on one of them.</param>
/// <param name="Missed">What becomes of times at which nobody ran it.</param>
public sealed record Schedule(string Name, string Summary, string Cron, ScheduleScope Scope, MissedTimes Missed)
{
    /// <summary>Also when a gateway starts; for work of one gateway, only where the gateway is alone.</summary>
    public bool AtStart { get; init; } = true;
}

/// <summary>Which gateways run it.</summary>
public enum ScheduleScope
{
    /// <summary>One of the gateways that share the governance log: each due time once.</summary>
    Shared,

    /// <summary>Every gateway, about what only it has.</summary>
    Node,
}

/// <summary>What becomes of due times at which no gateway ran, by more than a minute.</summary>
public enum MissedTimes
{
    /// <summary>One run makes up for all of them.</summary>
    RunOnce,

    /// <summary>Nothing: the next due time is soon.</summary>
    Skip,
}

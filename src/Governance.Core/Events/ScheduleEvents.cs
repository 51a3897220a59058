namespace Governance.Core.Events;

/// <summary>A person stopped a schedule: what is due on it is left out until it goes on.</summary>
public sealed record SchedulePaused(string Schedule, string Reason) : GovernanceEvent;

/// <summary>A paused schedule goes on.</summary>
public sealed record ScheduleResumed(string Schedule) : GovernanceEvent;

/// <summary>What was due on a schedule failed, and so did every retry.</summary>
/// <param name="Node">The gateway that gave up.</param>
/// <param name="Reason">For operators; the details are in that gateway's log.</param>
/// <param name="Attempts">How often it was tried.</param>
public sealed record ScheduleFailed(string Schedule, string Node, string Reason, int Attempts) : GovernanceEvent;

/// <summary>A date comes near, or has passed: recorded once for each date.</summary>
/// <param name="Kind"><c>finding-due</c>, <c>waiver-ends</c>, <c>evidence-expires</c> or <c>evidence-expired</c>.</param>
/// <param name="About">The finding, the waiver or the check.</param>
public sealed record DeadlineReminded(string ModelId, int Version, string Kind, string About, DateTimeOffset Due) : GovernanceEvent;

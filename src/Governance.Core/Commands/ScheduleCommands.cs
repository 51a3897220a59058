using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Oversight;

namespace Governance.Core.Commands;

/// <summary>Stops a schedule: nothing of it runs by itself until it is resumed. Whoever calls has made sure that it exists.</summary>
public sealed record PauseSchedule(string Schedule, string Reason) : Command
{
    /// <summary>Who may pause and resume schedules, and run them out of turn.</summary>
    public static IReadOnlyList<Role> Who { get; } = [Role.Administrator, Role.Validator, Role.Compliance];

    public override string Stream => "schedule/" + Schedule;

    public override Decision Decide(DecisionContext context) =>
        context.Require("pause schedules", [.. Who]) is { } refusal ? refusal
        : !Text.IsProse(Reason, 1000) ? Refusal.Invalid("reason-required", "A pause needs a reason of 1 to 1000 characters.")
        : context.State.Schedules.GetValueOrDefault(Schedule)?.Paused is not null ? Refusal.Conflict("schedule-paused", $"The schedule {Schedule} is paused already.")
        : Decision.Accept(new SchedulePaused(Schedule, Reason));
}

/// <summary>Lets a paused schedule go on.</summary>
public sealed record ResumeSchedule(string Schedule) : Command
{
    public override string Stream => "schedule/" + Schedule;

    public override Decision Decide(DecisionContext context) =>
        context.Require("resume schedules", [.. PauseSchedule.Who]) is { } refusal ? refusal
        : context.State.Schedules.GetValueOrDefault(Schedule)?.Paused is null ? Refusal.Conflict("schedule-not-paused", $"The schedule {Schedule} is not paused.")
        : Decision.Accept(new ScheduleResumed(Schedule));
}

/// <summary>Records that what was due failed for good. Only the gateway does.</summary>
public sealed record RecordScheduleFailure(string Schedule, string Node, string Reason, int Attempts) : Command
{
    public override string Stream => "schedule/" + Schedule;

    public override Decision Decide(DecisionContext context) =>
        context.Caller.IsSystem()
            ? Decision.Accept(new ScheduleFailed(Schedule, Node, Reason, Attempts))
            : Refusal.Forbidden("system-only", "The gateway records what became of its schedules.");
}

/// <summary>Records once that a date comes near or has passed. Only the gateway does.</summary>
public sealed record RemindOfDeadline(Deadline Deadline) : Command
{
    public override string Stream => "model/" + Deadline.ModelId;

    public override Decision Decide(DecisionContext context) =>
        !context.Caller.IsSystem() ? Refusal.Forbidden("system-only", "The gateway records what time brings.")
        : context.State.Version(Deadline.ModelId, Deadline.Version) is null ? Unknown.Version(Deadline.ModelId, Deadline.Version)
        : Deadline.IsReminded(context.State) ? Decision.Accept()
        : Decision.Accept(new DeadlineReminded(Deadline.ModelId, Deadline.Version, Deadline.Kind, Deadline.About, Deadline.Due));
}

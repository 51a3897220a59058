using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.Oversight;
using Governance.Gateway.Policy;
using Governance.Gateway.Schedules;

namespace Governance.Gateway.Oversight;

/// <summary>Records once for each date that it comes near or has passed; whoever is notified of the log's events is told by that.</summary>
internal sealed partial class DeadlineReminding(Governor governor, PolicyInForce policy, TimeProvider time, ILogger<DeadlineReminding> log) : IScheduledWork
{
    public Schedule Schedule { get; } = new(
        "reminders", "Reminds of findings due, waivers ending and evidence expiring within 14 days", "0 0 6 * * ?", ScheduleScope.Shared, MissedTimes.RunOnce);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var deadline in Deadline.Unreminded(governor.State, time.GetUtcNow(), policy.Gate.Workflow))
        {
            var outcome = await governor.ExecuteAsync(new RemindOfDeadline(deadline), SystemCaller.Instance, policy.Gate, request: null, cancellationToken);
            if (outcome is CommandOutcome.Refused { Refusal: var refusal })
            {
                NotRecorded(deadline.Kind, deadline.About, refusal.Code);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The reminder {Kind} about {About} was not recorded: {Code}")]
    private partial void NotRecorded(string kind, string about, string code);
}

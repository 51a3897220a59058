using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Oversight;
using Governance.Gateway.Policy;
using Governance.Gateway.Schedules;

namespace Governance.Gateway.Oversight;

/// <summary>
/// Records what time brings: waivers that stopped counting, with the suspension the policy asks for, and findings that
/// became overdue. Decisions never wait for it: they look at the clock themselves.
/// </summary>
internal sealed partial class TimeWatch(Governor governor, PolicyInForce policy, TimeProvider time, ILogger<TimeWatch> log) : IScheduledWork
{
    /// <summary>A lapse takes effect on what is served within a minute.</summary>
    public Schedule Schedule { get; } = new(
        "lapses", "Records waivers that ended and findings that are overdue, and suspends what the policy says", "0 * * * * ?", ScheduleScope.Shared, MissedTimes.Skip);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var command in Alerts.Due(governor.State, time.GetUtcNow()))
        {
            var outcome = await governor.ExecuteAsync(command, SystemCaller.Instance, policy.Gate, request: null, cancellationToken);
            if (outcome is CommandOutcome.Refused { Refusal: var refusal })
            {
                NotRecorded(command.GetType().Name, refusal.Code);
                continue;
            }

            foreach (var recorded in ((CommandOutcome.Accepted)outcome).Events)
            {
                Report(recorded.Event);
            }
        }
    }

    private void Report(GovernanceEvent recorded)
    {
        switch (recorded)
        {
            case WaiverLapsed e:
                Lapsed(e.WaiverId, e.Cause.ToString().ToLowerInvariant(), e.Serving);
                break;
            case FindingOverdue e:
                Overdue(e.FindingId);
                break;
            case VersionSuspended e:
                Suspended(e.ModelId, e.Version);
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Waiver {Waiver} stopped counting: {Cause}; its version serves: {Serving}")]
    private partial void Lapsed(string waiver, string cause, bool serving);

    [LoggerMessage(2, LogLevel.Warning, "Finding {Finding} is overdue")]
    private partial void Overdue(string finding);

    [LoggerMessage(3, LogLevel.Error, "Version {Version} of {Model} was suspended: a waiver it relied on stopped counting")]
    private partial void Suspended(string model, int version);

    [LoggerMessage(4, LogLevel.Error, "{Command} was not recorded: {Code}")]
    private partial void NotRecorded(string command, string code);
}

using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Hosting;
using Governance.Gateway.Policy;
using Microsoft.Extensions.Options;
using Quartz;

namespace Governance.Gateway.Schedules;

/// <summary>Records work that failed with all its retries, so that people are told.</summary>
internal sealed partial class FailureRecording(
    Governor governor, PolicyInForce policy, IOptions<GatewayOptions> options, ILogger<FailureRecording> log) : ITriggerListener
{
    public async ValueTask TriggerRetriesExhausted(ITrigger trigger, IJobExecutionContext context, JobExecutionException exception, CancellationToken cancellationToken = default)
    {
        var (name, attempts) = (trigger.JobKey.Name, context.RetryAttempt + 1);
        var reason = $"It failed ({exception.GetBaseException().GetType().Name}). An operator finds the details in the gateway's log.";
        var outcome = await governor.ExecuteAsync(
            new RecordScheduleFailure(name, options.Value.Replica ?? Environment.MachineName, reason, attempts), SystemCaller.Instance, policy.Gate, request: null, cancellationToken);
        if (outcome is CommandOutcome.Refused { Refusal: var refusal })
        {
            NotRecorded(name, attempts, refusal.Code);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Schedule {Schedule} failed {Attempts} times, and that was not recorded: {Code}")]
    private partial void NotRecorded(string schedule, int attempts, string code);
}

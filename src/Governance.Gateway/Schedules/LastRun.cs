using System.Globalization;
using Quartz;

namespace Governance.Gateway.Schedules;

/// <summary>How a schedule's work ended the last time, as kept with its job: in memory, or in the database for all gateways. Immutable.</summary>
/// <param name="Outcome"><c>done</c> or <c>failed</c>.</param>
/// <param name="Node">The gateway that ran it.</param>
internal sealed record LastRun(DateTimeOffset Time, string Outcome, string Node)
{
    /// <summary>Marks a run that a person asked for.</summary>
    public const string ByHand = "byHand";

    private const string TimeKey = "time";
    private const string OutcomeKey = "outcome";
    private const string NodeKey = "node";

    public static void Keep(IJobExecutionContext context, string outcome)
    {
        var data = context.JobDetail.JobDataMap;
        data[TimeKey] = context.Scheduler.TimeProvider.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        data[OutcomeKey] = outcome;
        data[NodeKey] = context.Scheduler.SchedulerInstanceId;
    }

    /// <summary>Null before the first run.</summary>
    public static LastRun? Of(JobDataMap data) =>
        data.TryGetValue(TimeKey, out var time) && data.TryGetValue(OutcomeKey, out var outcome) && data.TryGetValue(NodeKey, out var node)
            ? new LastRun(DateTimeOffset.Parse((string)time!, CultureInfo.InvariantCulture), (string)outcome!, (string)node!)
            : null;
}

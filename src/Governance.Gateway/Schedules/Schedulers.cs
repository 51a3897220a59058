using Quartz;
using Quartz.Extensibility;

namespace Governance.Gateway.Schedules;

/// <summary>
/// The two schedulers of a gateway: one for what every gateway does by itself, in memory; one for what is done once, in memory too, or in the
/// database that the gateways share. Thread-safe.
/// </summary>
public sealed class Schedulers(ISchedulerRepository repository)
{
    internal const string Node = "node";
    internal const string Shared = "shared";

    /// <exception cref="InvalidOperationException">The gateway is starting or stopping.</exception>
    internal IScheduler Of(Schedule schedule) =>
        repository.Lookup(schedule.Scope == ScheduleScope.Node ? Node : Shared) ?? throw new InvalidOperationException("The schedules are not running.");

    /// <summary>Runs the work of a schedule now, once, whatever the time.</summary>
    /// <param name="byHand">A person asked: also when it is paused.</param>
    internal async Task TriggerAsync(Schedule schedule, bool byHand, CancellationToken cancellationToken)
    {
        var data = new JobDataMap();
        if (byHand)
        {
            data[LastRun.ByHand] = "yes";
        }

        await Of(schedule).TriggerJob(new JobKey(schedule.Name), data, cancellationToken);
    }
}

using Governance.Gateway.Hosting;
using Microsoft.Extensions.Options;
using Quartz;

namespace Governance.Gateway.Schedules;

/// <summary>
/// Sets the schedules at start. One that is in the tables with the same times stays as it is, so that what was missed while no gateway ran is still
/// known to be due.
/// </summary>
internal sealed class ScheduleSetting(Schedulers schedulers, ScheduleCatalogue catalogue, IOptions<GatewayOptions> options, TimeProvider time) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var schedule in catalogue.All)
        {
            await SetAsync(schedule, cancellationToken);
            if (schedule.AtStart && (schedule.Scope == ScheduleScope.Node || options.Value.Store == StoreKind.Files))
            {
                await schedulers.TriggerAsync(schedule, byHand: false, cancellationToken);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task SetAsync(Schedule schedule, CancellationToken cancellationToken)
    {
        var scheduler = schedulers.Of(schedule);
        var (key, cron) = (new TriggerKey(schedule.Name), catalogue.CronOf(schedule));
        if (await scheduler.GetTrigger(key, cancellationToken) is ICronTrigger known && known.CronExpressionString == cron)
        {
            return;
        }

        var job = JobBuilder.Create<ScheduledJob>().WithIdentity(schedule.Name).WithDescription(schedule.Summary).StoreDurably().RequestRecovery().Build();
        var trigger = TriggerBuilder.Create(time).WithIdentity(key).ForJob(job).WithSchedule(
            CronScheduleBuilder.Create(cron).InTimeZone(TimeZoneInfo.Utc).WithMisfireInstruction(
                schedule.Missed == MissedTimes.RunOnce ? CronTriggerMisfireInstruction.FireAndProceed : CronTriggerMisfireInstruction.DoNothing)).Build();
        await scheduler.AddJob(job, AddJobOptions.Replacing, cancellationToken);
        await scheduler.ScheduleJob(trigger, ScheduleJobOptions.Replacing, cancellationToken);
    }
}

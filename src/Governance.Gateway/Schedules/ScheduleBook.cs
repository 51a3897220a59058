using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Quartz;

namespace Governance.Gateway.Schedules;

/// <summary>The schedules as people see them: times and last run from the scheduler, pauses and failures from the log.</summary>
public sealed class ScheduleBook(ScheduleCatalogue catalogue, Schedulers schedulers, Governor governor)
{
    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<ScheduleDetails>> ListAsync(CancellationToken cancellationToken)
    {
        var list = new List<ScheduleDetails>();
        foreach (var schedule in catalogue.All)
        {
            list.Add(await DetailsAsync(schedule, cancellationToken));
        }

        return list;
    }

    /// <summary>Null when there is none of that name.</summary>
    public async Task<ScheduleDetails?> FindAsync(string name, CancellationToken cancellationToken) =>
        catalogue.Find(name) is { } work ? await DetailsAsync(work.Schedule, cancellationToken) : null;

    /// <summary>Has it run now, also when it is paused.</summary>
    public Task RunAsync(string name, CancellationToken cancellationToken) =>
        schedulers.TriggerAsync(catalogue.Find(name)!.Schedule, byHand: true, cancellationToken);

    private async Task<ScheduleDetails> DetailsAsync(Schedule schedule, CancellationToken cancellationToken)
    {
        var scheduler = schedulers.Of(schedule);
        var job = await scheduler.GetJobDetail(new JobKey(schedule.Name), cancellationToken);
        var trigger = await scheduler.GetTrigger(new TriggerKey(schedule.Name), cancellationToken);
        var (last, logged) = (job is null ? null : LastRun.Of(job.JobDataMap), governor.State.Schedules.GetValueOrDefault(schedule.Name));
        return new ScheduleDetails
        {
            Name = schedule.Name,
            Summary = schedule.Summary,
            Cron = catalogue.CronOf(schedule),
            EveryNode = schedule.Scope == ScheduleScope.Node,
            Missed = schedule.Missed == MissedTimes.RunOnce ? "run-once" : "skip",
            Next = trigger?.NextFireTimeUtc,
            Last = last?.Time,
            Outcome = last?.Outcome,
            Node = last?.Node,
            Paused = logged?.Paused,
            PausedBy = logged?.PausedBy,
            Failure = logged?.Failure is { } f ? new ScheduleFailureDetails(f.Time, f.Node, f.Reason, f.Attempts) : null,
        };
    }
}

using System.Diagnostics;
using System.Globalization;
using Governance.Core.Decisions;
using Quartz;

namespace Governance.Gateway.Schedules;

/// <summary>What the scheduler runs for every schedule: finds the work by the job's name, leaves it out while the schedule is paused, and keeps how it ended.</summary>
[DisallowConcurrentExecution]
[PersistJobDataAfterExecution]
internal sealed partial class ScheduledJob(ScheduleCatalogue catalogue, Governor governor, ILogger<ScheduledJob> log) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var name = context.JobDetail.Key.Name;
        if (catalogue.Find(name) is not { } work)
        {
            // Left in the tables by another version.
            return;
        }

        var byHand = context.MergedJobDataMap.ContainsKey(LastRun.ByHand);
        if (!byHand && governor.State.Schedules.GetValueOrDefault(name)?.Paused is not null)
        {
            return;
        }

        var clock = Stopwatch.GetTimestamp();
        try
        {
            await work.RunAsync(cancellationToken);
            LastRun.Keep(context, "done");
            Done(name, Due(context), (long)Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LastRun.Keep(context, "failed");
            NotDone(e, name, Due(context), context.RetryAttempt + 1);
            throw new JobExecutionException(e);
        }
    }

    private static string Due(IJobExecutionContext context) =>
        (context.ScheduledFireTimeUtc ?? context.FireTimeUtc).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    [LoggerMessage(1, LogLevel.Information, "Schedule {Schedule}, due {Due}: done in {Milliseconds} ms")]
    private partial void Done(string schedule, string due, long milliseconds);

    [LoggerMessage(2, LogLevel.Warning, "Schedule {Schedule}, due {Due}: attempt {Attempt} failed")]
    private partial void NotDone(Exception exception, string schedule, string due, int attempt);
}

using Quartz;

namespace Governance.Gateway.Schedules;

/// <summary>Other times than the usual: section <c>Gateway:Schedules</c>.</summary>
public sealed class SchedulesOptions
{
    /// <summary>Schedule name to Quartz cron expression, with seconds, UTC: <c>0 0 2 * * ?</c>.</summary>
    public Dictionary<string, string> Cron { get; set; } = [];

    /// <summary>Wait before the first retry of what failed; each next one waits three times as long. Default 10 seconds, 1 second to 1 hour.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Everything wrong with the settings, each naming its key.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (var name in Cron.Where(c => !CronExpression.TryParse(c.Value, out _)).Select(c => c.Key))
        {
            yield return $"Gateway:Schedules:Cron:{name} is no Quartz cron expression: seconds, minutes, hours, day of month, month, day of week.";
        }

        if (RetryAfter < TimeSpan.FromSeconds(1) || RetryAfter > TimeSpan.FromHours(1))
        {
            yield return "Gateway:Schedules:RetryAfter must be from 00:00:01 to 01:00:00.";
        }
    }
}

using Microsoft.Extensions.Options;

namespace Governance.Gateway.Schedules;

/// <summary>All scheduled work, with the times that the settings give it. Immutable.</summary>
public sealed class ScheduleCatalogue
{
    private readonly SortedDictionary<string, IScheduledWork> works;
    private readonly SchedulesOptions options;

    /// <exception cref="Identity.StartupRefusedException">The settings name a schedule that does not exist.</exception>
    public ScheduleCatalogue(IEnumerable<IScheduledWork> works, IOptions<Hosting.GatewayOptions> options)
    {
        this.works = new SortedDictionary<string, IScheduledWork>(works.ToDictionary(w => w.Schedule.Name), StringComparer.Ordinal);
        this.options = options.Value.Schedules;
        if (this.options.Cron.Keys.FirstOrDefault(n => !this.works.ContainsKey(n)) is { } unknown)
        {
            throw new Identity.StartupRefusedException($"Gateway:Schedules:Cron:{unknown}: there is no such schedule. There are {string.Join(", ", this.works.Keys)}.");
        }
    }

    /// <summary>By name.</summary>
    public IEnumerable<Schedule> All => works.Values.Select(w => w.Schedule);

    public IScheduledWork? Find(string name) => works.GetValueOrDefault(name);

    public string CronOf(Schedule schedule) => options.Cron.GetValueOrDefault(schedule.Name, schedule.Cron);
}

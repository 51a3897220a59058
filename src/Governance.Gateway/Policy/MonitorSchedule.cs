using System.Text.Json;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Gateway.Hosting;
using Governance.Gateway.Schedules;
using Governance.Gateway.Watching;
using Governance.Ledger;
using Governance.Serving.Recording;

namespace Governance.Gateway.Policy;

/// <summary>
/// Asks the gate <c>monitor</c> about every serving version, by the calendar and when live traffic raises an alert: an expired waiver, stale evidence or
/// a new finding stops what was allowed when it was promoted. A version that is denied is suspended; nothing stands between.
/// </summary>
public sealed partial class MonitorSchedule(
    Governor governor, PolicyInForce policy, GovernanceLogs logs, LiveViews views, TimeProvider time, ILogger<MonitorSchedule> log) : IScheduledWork
{
    /// <summary>Entries of the inference log that are counted, at most: the newest.</summary>
    public const int MostEntries = 100_000;

    private static readonly TimeSpan Window = TimeSpan.FromHours(24);

    /// <summary>On every gateway: each counts what it answered itself.</summary>
    public Schedule Schedule { get; } = new(
        "monitors", "Puts every serving version before the gate monitor and suspends what it denies", "0 0 * * * ?", ScheduleScope.Node, MissedTimes.RunOnce);

    /// <summary>Asks about every serving version now.</summary>
    /// <exception cref="LedgerException">The log takes nothing, or cannot be verified.</exception>
    /// <exception cref="PolicyUnavailableException">The pack in force cannot be read.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var serving = Serving(governor.State).ToList();
        if (serving.Count == 0)
        {
            return;
        }

        var counts = Count(now - Window, cancellationToken);
        var gate = await policy.VerifiedGateAsync(cancellationToken);
        foreach (var route in serving)
        {
            var (answered, refused) = counts.GetValueOrDefault((route.Name, route.Version));
            var live = views.Extend(new LiveFigures(Window.TotalHours, answered, refused, (now - route.Since).TotalDays), route.Name, route.Version, now - Window);
            var outcome = await governor.ExecuteAsync(new MonitorVersion(route.ModelId, route.Version, live), SystemCaller.Instance, gate, request: null, cancellationToken);
            if (outcome is CommandOutcome.Accepted && governor.State.Version(route.ModelId, route.Version) is { Status: VersionStatus.Suspended })
            {
                Stopped(route.ModelId, route.Version);
            }
        }
    }

    /// <summary>The champion of each route, and its canary as a route of its own.</summary>
    private static IEnumerable<RouteState> Serving(GovernanceState state) => state.Routes.Values.Where(r => !r.Suspended).SelectMany(r =>
        state.SettingsOf(r.Name).Canary is { } canary ? new[] { r, r with { Version = canary.Version, Since = canary.Since, Decision = canary.Decision } } : [r]);

    private Dictionary<(string Route, int Version), (long Answered, long Refused)> Count(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<(string, int), (long Answered, long Refused)>();
        var reader = logs.Inference.Log.Reader;
        foreach (var entry in reader.ReadFrom(Math.Max(0, reader.Size - MostEntries)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Fact(entry.Bytes) is not { } fact || fact.Time < since)
            {
                continue;
            }

            var count = counts.GetValueOrDefault((fact.Route, fact.Version));
            counts[(fact.Route, fact.Version)] = fact.Refused ? (count.Answered, count.Refused + 1) : (count.Answered + 1, count.Refused);
        }

        return counts;
    }

    /// <summary>Null for entries that are neither answers nor refusals.</summary>
    private static (string Route, int Version, DateTimeOffset Time, bool Refused)? Fact(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var entry = document.RootElement;
            var type = entry.GetProperty("type").GetString();
            return type is InferenceEntry.EntryType or InferenceEntry.SharedEntryType or RefusalEntry.EntryType
                ? (entry.GetProperty("route").GetString()!, entry.GetProperty("version").GetInt32(), entry.GetProperty("time").GetDateTimeOffset(), type == RefusalEntry.EntryType)
                : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Monitoring suspended version {Version} of {Model}")]
    private partial void Stopped(string model, int version);
}

using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Gates;
using Governance.Core.Serving;
using Governance.Core.State;
using Governance.Gateway.Hosting;
using Governance.Gateway.Intake;
using Governance.Gateway.Policy;
using Governance.Ledger;
using Governance.Serving;
using Governance.Serving.Reviews;
using Governance.Serving.Routing;
using Governance.Serving.Watching;

namespace Governance.Gateway.Watching;

/// <summary>
/// Once a minute: closes the windows of live traffic, saves them, and judges every version that answers over the last hour (a canary since it
/// started). Raises and ends alerts, puts the versions before the gate <c>monitor</c> when one is raised, and takes back a canary that breaches its guard.
/// </summary>
internal sealed partial class RouteWatching(
    LiveWatch watch, OutcomeBook outcomes, ReviewBook reviews, ProfileMaker profiles, LimitsInForce limits, AlertBook alerts, MonitorSchedule gate, Governor governor, DataFolder data, TimeProvider time, ILogger<RouteWatching> log)
    : BackgroundService
{
    /// <summary>What is judged: short enough to notice, long enough to tell.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly HashSet<ArmKey> unprofiled = [];
    private readonly SemaphoreSlim running = new(1, 1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        WatchFiles.Load(WatchFiles.Folder(data), watch);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Does the minute's work now; one at a time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await running.WaitAsync(cancellationToken);
        try
        {
            await WatchAsync(cancellationToken);
        }
        finally
        {
            running.Release();
        }
    }

    public override void Dispose()
    {
        running.Dispose();
        base.Dispose();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        watch.Close(now);
        WatchFiles.Save(WatchFiles.Folder(data), watch);
        var answering = Answering(governor.State).ToList();
        WatchFiles.Forget(WatchFiles.Folder(data), watch, [.. answering.Select(KeyOf)]);
        var raised = false;
        foreach (var arm in answering)
        {
            await ProfileAsync(arm, cancellationToken);
            raised |= await JudgeAsync(arm, now, cancellationToken);
        }

        await GuardAsync(answering, cancellationToken);
        if (raised)
        {
            // Policy may want more than an alert: the gate suspends what it denies.
            await gate.RunAsync(cancellationToken);
        }

        await alerts.ClearOthersAsync((model, version) => answering.Exists(a => a.Route.Name == model && a.Version.Number == version), cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                try
                {
                    await RunAsync(stoppingToken);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or LedgerException or PolicyUnavailableException or Storage.EventUnreadableException)
                {
                    NotWatched(e);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Last();
        }
    }

    private static ArmKey KeyOf(RouteOutcome.Serves arm) => new(arm.Route.Name, arm.Version.Number, arm.Arm);

    /// <summary>Every arm that answers now.</summary>
    internal static IEnumerable<RouteOutcome.Serves> Answering(GovernanceState state) => state.Routes.Keys
        .Select(name => RouteTable.Resolve(state, name)).OfType<RouteOutcome.Serves>()
        .SelectMany(champion => champion.Canary is { } canary ? [champion, canary] : new[] { champion });

    /// <summary>Said once for each arm: without a profile its requests are counted and its drift is not known.</summary>
    private async Task ProfileAsync(RouteOutcome.Serves arm, CancellationToken cancellationToken)
    {
        var key = KeyOf(arm);
        watch.Restore(key);
        if (watch.HasProfile(key) || unprofiled.Contains(key))
        {
            return;
        }

        try
        {
            watch.Use(key, await profiles.GetAsync(governor.State, arm.Version, cancellationToken));
        }
        catch (Exception e) when (e is DatasetUnreadableException or ScoringException or KeyNotFoundException or InvalidCastException)
        {
            unprofiled.Add(key);
            NoProfile(key.Route, key.Version, e.Message);
        }
    }

    private async Task<bool> JudgeAsync(RouteOutcome.Serves arm, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var bounds = limits.Of(governor.State.Models[arm.Route.ModelId].Registration.Tier);
        var readings = watch.Figures(KeyOf(arm), now - Window) is { } figures ? Monitors.Read(figures, bounds, arm.Settings.Pipeline) : [];
        var byGroup = arm.Settings.Groups is { } attributes
            ? Monitors.Read(watch.Groups(KeyOf(arm), now - Window, attributes), bounds).Concat(Monitors.Read(outcomes.Groups(arm.Route.Name, arm.Version.Number, attributes), bounds))
            : [];
        var raised = false;
        foreach (var reading in readings
            .Concat(byGroup)
            .Concat(Monitors.Read(outcomes.Figures(arm.Route.Name, arm.Version.Number), bounds))
            .Concat(reviews.Figures().Where(f => f.Route == arm.Route.Name && f.Version == arm.Version.Number).SelectMany(f => Monitors.Read(f, bounds))).ToList())
        {
            raised |= await alerts.JudgeAsync(arm.Route.ModelId, arm.Version.Number, reading, cancellationToken);
        }

        return raised;
    }

    private async Task GuardAsync(List<RouteOutcome.Serves> answering, CancellationToken cancellationToken)
    {
        foreach (var canary in answering.Where(a => a is { Arm: RouteArm.Canary, Settings.Rollback: not null }))
        {
            var started = WatchWindows.MinuteOf(canary.Settings.Canary!.Since);
            var champion = answering.Find(a => a.Arm == RouteArm.Champion && a.Route.Name == canary.Route.Name);
            if (watch.Figures(KeyOf(canary), started) is { } figures
                && CanaryGuard.Breach(canary.Settings.Rollback!, figures, champion is null ? null : watch.Figures(KeyOf(champion), started)) is { } reason)
            {
                await alerts.ExecuteAsync(new StopCanary(canary.Route.ModelId, reason), cancellationToken);
                TakenBack(canary.Route.Name, canary.Version.Number, reason);
            }
        }
    }

    private void Last()
    {
        try
        {
            watch.Close(time.GetUtcNow());
            WatchFiles.Save(WatchFiles.Folder(data), watch);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            NotWatched(e);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Live traffic could not be judged or saved")]
    private partial void NotWatched(Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "Route {Route} version {Version}: drift is not known, for its training data or model cannot be read: {Reason}")]
    private partial void NoProfile(string route, int version, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Route {Route}: the canary, version {Version}, was taken back: {Reason}")]
    private partial void TakenBack(string route, int version, string reason);
}

using System.Collections.Immutable;
using Governance.Core.Events;
using Governance.Core.Inventory;
using Governance.Core.Serving;

namespace Governance.Core.State;

/// <summary>The fold of what concerns routes.</summary>
public sealed partial record GovernanceState
{
    /// <summary>Who answers each route: route name to model and version. Serving reads nothing else but <see cref="Settings"/>.</summary>
    public ImmutableSortedDictionary<string, RouteState> Routes { get; private init; } =
        ImmutableSortedDictionary.Create<string, RouteState>(StringComparer.Ordinal);

    /// <summary>How each route answers, by its name; absent for one that nobody configured.</summary>
    public ImmutableSortedDictionary<string, RouteSettings> Settings { get; private init; } =
        ImmutableSortedDictionary.Create<string, RouteSettings>(StringComparer.Ordinal);

    /// <summary>Payload sinks that any route was ever set to send copies to.</summary>
    public ImmutableSortedSet<string> Sinks { get; private init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>How a route answers. A model's route has the model's name.</summary>
    public RouteSettings SettingsOf(string route) => Settings.GetValueOrDefault(route, RouteSettings.Default);

    private GovernanceState WithSettings(string route, Func<RouteSettings, RouteSettings> change) =>
        this with { Settings = Settings.SetItem(route, change(SettingsOf(route))) };

    private GovernanceState Configure(RouteConfigured e) =>
        (e.Settings.Export is { } export ? this with { Sinks = Sinks.Add(export.Sink) } : this)
            .WithSettings(e.ModelId, s => e.Settings with { Canary = s.Canary, Stopped = s.Stopped });

    private GovernanceState Promote(VersionPromoted e, RecordedEvent recorded)
    {
        var next = e.Replaced is { } old && old != e.Version
            ? WithVersion(e.ModelId, old, v => v.Status == VersionStatus.Promoted ? v with { Status = VersionStatus.Superseded } : v)
            : this;
        next = next.EndCanary(e.ModelId).WithVersion(e.ModelId, e.Version, v => v with { Status = VersionStatus.Promoted });
        return next with { Routes = next.Routes.SetItem(e.Route, new RouteState(e.Route, e.ModelId, e.Version, recorded.Time, recorded.Position)) };
    }

    private GovernanceState Suspend(VersionSuspended e)
    {
        var next = SettingsOf(e.ModelId).Canary?.Version == e.Version ? EndCanary(e.ModelId) : this;
        next = next.WithVersion(e.ModelId, e.Version, v => v with { Status = VersionStatus.Suspended, StatusReason = e.Reason, StatusRule = e.Rule });
        var route = next.Routes.Values.FirstOrDefault(r => r.ModelId == e.ModelId && r.Version == e.Version);
        return route is null ? next : next with { Routes = next.Routes.SetItem(route.Name, route with { Suspended = true }) };
    }

    private GovernanceState Start(CanaryStarted e, RecordedEvent recorded) =>
        WithVersion(e.ModelId, e.Version, v => v with { Status = VersionStatus.Canary })
            .WithSettings(e.Route, s => s with { Canary = new RouteCanary(e.Version, e.Percent, e.Salt, recorded.Time, recorded.Position) });

    /// <summary>The canary, when there is one, has served and does no more.</summary>
    private GovernanceState EndCanary(string route) => SettingsOf(route).Canary is { } canary
        ? WithVersion(route, canary.Version, v => v.Status == VersionStatus.Canary ? v with { Status = VersionStatus.Superseded } : v)
            .WithSettings(route, s => s with { Canary = null })
        : this;
}

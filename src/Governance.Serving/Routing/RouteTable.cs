using Governance.Core.Inventory;
using Governance.Core.Serving;
using Governance.Core.State;
using Governance.Serving.Protocol;
using Governance.Serving.Watching;

namespace Governance.Serving.Routing;

/// <summary>What a route's name leads to. A closed family.</summary>
public abstract record RouteOutcome
{
    private RouteOutcome()
    {
    }

    /// <summary>This version answers, unless the canary does: see <see cref="For"/>.</summary>
    /// <param name="Route">The route as this arm has it: version, since when, and by which entry of the governance log.</param>
    public sealed record Serves(RouteState Route, VersionState Version) : RouteOutcome
    {
        public RouteArm Arm { get; init; }

        /// <summary>How the route answers.</summary>
        public RouteSettings Settings { get; init; } = RouteSettings.Default;

        /// <summary>Versions to mirror the request to once it is answered; they never answer.</summary>
        public IReadOnlyList<VersionState> Shadows { get; init; } = [];

        /// <summary>Who scores beside <see cref="Version"/>, in the order of the pipeline; none without one.</summary>
        public IReadOnlyList<RouteMember> Members { get; init; } = [];

        /// <summary>The arm that answers a part of the subjects; null without, or when the caller named a version.</summary>
        public Serves? Canary { get; init; }

        /// <summary>
        /// The arm that answers a request: the canary when every person it is about is in its share, else this one. So nobody outside the share
        /// is ever answered by the canary, and a request about one person always has the same arm.
        /// </summary>
        public Serves For(InferenceCall call) => Canary is { } canary && CanaryShare.HoldsAll(Settings.Canary!, call) ? canary : this;
    }

    /// <summary>No model has this name (404).</summary>
    public sealed record Unknown : RouteOutcome;

    /// <summary>The model or version exists and may not answer (409).</summary>
    /// <param name="Code"><c>not-promoted</c>, <c>suspended</c>, <c>stopped</c>, or of its pipeline <c>member-not-promoted</c> or <c>other-inputs</c>.</param>
    public sealed record Closed(string Code, string Detail) : RouteOutcome
    {
        /// <summary>The rule of policy by which a version is suspended; null when a person suspended it, and for other codes.</summary>
        public string? Rule { get; init; }
    }
}

/// <summary>Who scores beside the version that answers. Immutable.</summary>
/// <param name="Version">A version that answers its own route; null for the version that answers this one.</param>
/// <param name="Upstream">The upstream that scores it; null for scoring in process.</param>
public sealed record RouteMember(VersionState? Version, string? Upstream);

/// <summary>Which version of a route answers.</summary>
public enum RouteArm
{
    Champion,
    Canary,
}

/// <summary>Who answers: a pure function of the governance state, and the only way into serving.</summary>
public static class RouteTable
{
    /// <param name="version">A pinned version, which must be the promoted one; null for whichever is.</param>
    public static RouteOutcome Resolve(GovernanceState state, string name, int? version = null)
    {
        if (state.Model(name) is not { } model || (version is { } pinned && !model.Versions.ContainsKey(pinned)))
        {
            return new RouteOutcome.Unknown();
        }

        if (!state.Routes.TryGetValue(name, out var route))
        {
            return new RouteOutcome.Closed("not-promoted", $"No version of '{name}' is promoted. The gate must allow one first: GET /api/v1/models/{name}.");
        }

        if (version is { } wanted && wanted != route.Version)
        {
            return new RouteOutcome.Closed("not-promoted", $"Version {wanted} of '{name}' is not promoted; version {route.Version} answers.");
        }

        var settings = state.SettingsOf(name);
        if (settings.Stopped is { } stop)
        {
            return new RouteOutcome.Closed("stopped", $"The route '{name}' is stopped: {stop.Reason}");
        }

        var serving = model.Versions[route.Version];
        if (route.Suspended || serving.Status != VersionStatus.Promoted)
        {
            return new RouteOutcome.Closed("suspended", $"Version {route.Version} of '{name}' is suspended: {serving.StatusReason}") { Rule = serving.StatusRule };
        }

        if (settings.Pipeline is { } pipeline && PipelineFit.Check(state, pipeline, model.Id, serving) is { } misfit)
        {
            return new RouteOutcome.Closed(misfit.Code, misfit.Detail);
        }

        var arm = new RouteOutcome.Serves(route, serving)
        {
            Settings = Now(state, settings, serving),
            Shadows = Shadows(model, serving, settings),
            Members = [.. (settings.Pipeline?.Members ?? []).Select(m => Member(state, m))],
        };
        return version is null ? arm with { Canary = Canary(state, model, arm) } : arm;
    }

    /// <summary>A version is scored where its own route has it scored.</summary>
    private static RouteMember Member(GovernanceState state, PipelineMember member) => member.Model is { } model
        ? new RouteMember(state.Version(model, member.Version!.Value), state.SettingsOf(model).Upstream)
        : new RouteMember(null, member.Upstream);

    /// <summary>The settings as they hold for a version now: a review that alerts ask for is none without one. That too many wait for review is no reason for more of it.</summary>
    private static RouteSettings Now(GovernanceState state, RouteSettings settings, VersionState version) => settings.Review is { OnAlert: true }
        && !state.LiveAlerts.Values.Any(a => a.Raised.ModelId == version.ModelId && a.Raised.Version == version.Number && a.Raised.Monitor != Monitors.Waiting)
            ? settings with { Review = null }
            : settings;

    private static RouteOutcome.Serves? Canary(GovernanceState state, ModelState model, RouteOutcome.Serves champion) =>
        champion.Settings.Canary is { } canary && model.Versions[canary.Version] is { Status: VersionStatus.Canary } version && version.AnswersFor(champion.Version)
            ? champion with
            {
                Route = champion.Route with { Version = canary.Version, Since = canary.Since, Decision = canary.Decision },
                Version = version,
                Arm = RouteArm.Canary,
                Settings = Now(state, state.SettingsOf(model.Id), version),
                Shadows = Shadows(model, version, champion.Settings),
            }
            : null;

    /// <summary>Those that still may: a shadow that was rejected, suspended or promoted since, or reads other inputs, is left out.</summary>
    private static IReadOnlyList<VersionState> Shadows(ModelState model, VersionState answering, RouteSettings settings) => settings.Shadows.Count == 0
        ? []
        : [.. settings.Shadows.Select(s => model.Versions[s]).Where(v =>
            v.Number != answering.Number && v.Status is not (VersionStatus.Rejected or VersionStatus.Suspended) && v.AnswersFor(answering))];
}

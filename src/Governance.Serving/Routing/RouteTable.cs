using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Serving.Routing;

/// <summary>What a route's name leads to. A closed family.</summary>
public abstract record RouteOutcome
{
    private RouteOutcome()
    {
    }

    /// <summary>This version answers.</summary>
    public sealed record Serves(RouteState Route, VersionState Version) : RouteOutcome;

    /// <summary>No model has this name (404).</summary>
    public sealed record Unknown : RouteOutcome;

    /// <summary>The model or version exists and may not answer (409).</summary>
    /// <param name="Code"><c>not-promoted</c> or <c>suspended</c>.</param>
    public sealed record Closed(string Code, string Detail) : RouteOutcome;
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

        var serving = model.Versions[route.Version];
        return route.Suspended || serving.Status != VersionStatus.Promoted
            ? new RouteOutcome.Closed("suspended", $"Version {route.Version} of '{name}' is suspended: {serving.StatusReason}")
            : new RouteOutcome.Serves(route, serving);
    }
}

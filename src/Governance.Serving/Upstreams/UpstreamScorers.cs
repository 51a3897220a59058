using Governance.Core.State;
using Governance.Serving.Routing;

namespace Governance.Serving.Upstreams;

/// <summary>Scorers by the settings of the route: on its upstream where it names one, else in process. Thread-safe.</summary>
/// <param name="servers">By name, as the operator configured them.</param>
/// <param name="inProcess">For routes without an upstream.</param>
public sealed class UpstreamScorers(IReadOnlyDictionary<string, UpstreamServer> servers, IScorerSource inProcess) : IScorerSource
{
    /// <inheritdoc/>
    public ValueTask<IScorer> GetAsync(RouteOutcome.Serves route, VersionState version, CancellationToken cancellationToken) =>
        route.Settings.Upstream is not { } name ? inProcess.GetAsync(route, version, cancellationToken)
        : servers.TryGetValue(name, out var server) ? new(new UpstreamScorer(server, version))
        : throw new ScoringException("upstream-unavailable", $"This gateway has no upstream '{name}'. An operator must configure it, or the owner choose another.");
}

using Governance.Core.State;
using Governance.Serving.Routing;

namespace Governance.Serving.Pipelines;

/// <summary>Scorers of routes with a pipeline, made of those of its members; those of other routes are passed on. Thread-safe.</summary>
/// <param name="versions">Where the scorer of one version comes from.</param>
public sealed class PipelineScorers(IScorerSource versions) : IScorerSource
{
    /// <inheritdoc/>
    public ValueTask<IScorer> GetAsync(RouteOutcome.Serves route, VersionState version, CancellationToken cancellationToken) =>
        route.Settings.Pipeline is null ? versions.GetAsync(route, version, cancellationToken) : PipelineAsync(route, version, cancellationToken);

    private async ValueTask<IScorer> PipelineAsync(RouteOutcome.Serves route, VersionState version, CancellationToken cancellationToken)
    {
        var scorers = new List<IScorer>(route.Members.Count + 1) { await versions.GetAsync(route, version, cancellationToken) };
        foreach (var member in route.Members)
        {
            var alone = route with { Settings = route.Settings with { Upstream = member.Upstream } };
            scorers.Add(await versions.GetAsync(alone, member.Version ?? version, cancellationToken));
        }

        return new PipelineScorer(route.Settings.Pipeline!, scorers);
    }
}

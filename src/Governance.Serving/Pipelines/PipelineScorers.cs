using Governance.Core.State;
using Governance.Serving.Routing;

namespace Governance.Serving.Pipelines;

/// <summary>Scorers of routes with a pipeline, made of those of its members; those of other routes are passed on. Thread-safe.</summary>
/// <param name="alone">Where the scorer of one version comes from.</param>
public sealed class PipelineScorers(IScorerSource alone) : IScorerSource
{
    /// <inheritdoc/>
    public ValueTask<IScorer> GetAsync(RouteOutcome.Serves route, VersionState version, CancellationToken cancellationToken) =>
        route.Settings.Pipeline is null ? alone.GetAsync(route, version, cancellationToken) : PipelineAsync(route, version, cancellationToken);

    private async ValueTask<IScorer> PipelineAsync(RouteOutcome.Serves route, VersionState version, CancellationToken cancellationToken)
    {
        var scorers = new List<IScorer>(route.Members.Count + 1) { await alone.GetAsync(route, version, cancellationToken) };
        foreach (var member in route.Members)
        {
            var itself = route with { Settings = route.Settings with { Upstream = member.Upstream } };
            scorers.Add(await alone.GetAsync(itself, member.Version ?? version, cancellationToken));
        }

        return new PipelineScorer(route.Settings.Pipeline!, scorers);
    }
}

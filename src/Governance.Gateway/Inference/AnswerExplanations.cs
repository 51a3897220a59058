using Governance.Gateway.Inference.Counterfactuals;
using Governance.Gateway.Inference.Reasons;
using Governance.Serving;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;

namespace Governance.Gateway.Inference;

/// <summary>What a decision is given with: reasons where they are due, and what would have turned it where that is asked. Thread-safe.</summary>
internal sealed class AnswerExplanations(AnswerReasons reasons, AnswerCounterfactuals counterfactuals) : IAnswerExplainer
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RowExplanation?>?> ExplainAsync(
        RouteOutcome.Serves route, InferenceCall call, IScorer scorer, ReadOnlyMemory<double> scores, ReadOnlyMemory<string> decisions, CancellationToken cancellationToken) =>
        call.Counterfactuals ? BothAsync(route, call, scorer, decisions, cancellationToken) : reasons.ExplainAsync(route, call, decisions, cancellationToken);

    private async ValueTask<IReadOnlyList<RowExplanation?>?> BothAsync(
        RouteOutcome.Serves route, InferenceCall call, IScorer scorer, ReadOnlyMemory<string> decisions, CancellationToken cancellationToken)
    {
        var stated = await reasons.ExplainAsync(route, call, decisions, cancellationToken);
        return await counterfactuals.FindAsync(route, call, scorer, decisions, cancellationToken) is { } found
            ? [.. found.Select((f, row) => f is null ? stated?[row] : (stated?[row] ?? new RowExplanation(Reasons: null)) with { Counterfactual = f })]
            : stated;
    }
}

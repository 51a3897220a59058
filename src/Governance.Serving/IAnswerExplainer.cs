using Governance.Serving.Protocol;
using Governance.Serving.Routing;

namespace Governance.Serving;

/// <summary>Adds to an answer, after scoring and before recording, what the rows' decisions rest on. Thread-safe.</summary>
public interface IAnswerExplainer
{
    /// <summary>For each row what is to be sealed and sent with its decision, null for a row without; null when no row has any.</summary>
    /// <param name="call">Its features are valid until the task is done.</param>
    /// <exception cref="ScoringException">An explanation that is due cannot be had: nothing is answered.</exception>
    ValueTask<IReadOnlyList<RowExplanation?>?> ExplainAsync(
        RouteOutcome.Serves route, InferenceCall call, IScorer scorer, ReadOnlyMemory<double> scores, ReadOnlyMemory<string> decisions, CancellationToken cancellationToken);
}

/// <summary>Explains nothing.</summary>
public sealed class NoExplainer : IAnswerExplainer
{
    public static NoExplainer Instance { get; } = new();

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RowExplanation?>?> ExplainAsync(
        RouteOutcome.Serves route, InferenceCall call, IScorer scorer, ReadOnlyMemory<double> scores, ReadOnlyMemory<string> decisions, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<RowExplanation?>?>(null);
}

/// <summary>What one row's decision rests on. Personal: it is sealed with the row's payload. Immutable.</summary>
/// <param name="Reasons">The principal reasons, strongest first; null when none are due.</param>
public sealed record RowExplanation(IReadOnlyList<AnswerReason>? Reasons)
{
    /// <summary>What would have turned the decision; null when that was not asked, or the decision is favourable.</summary>
    public AnswerCounterfactual? Counterfactual { get; init; }
}

/// <summary>One reason of a decision.</summary>
/// <param name="Code">As the version's reason catalogue names it.</param>
/// <param name="Text">The catalogue's sentence for people.</param>
public sealed record AnswerReason(string Code, string Text);

/// <summary>The least change by which the route's own scorer decides favourably. Immutable.</summary>
/// <param name="Found">False when none was found within the rules of the features; that does not prove that there is none.</param>
/// <param name="Changes">Each of another feature; empty when none was found.</param>
/// <param name="Score">Of the changed row, from 0 to 1; null when none was found.</param>
public sealed record AnswerCounterfactual(bool Found, IReadOnlyList<FeatureChange> Changes, double? Score)
{
    public static AnswerCounterfactual None { get; } = new(false, [], null);
}

/// <summary>A feature that would have another value.</summary>
public sealed record FeatureChange(string Feature, float From, float To);

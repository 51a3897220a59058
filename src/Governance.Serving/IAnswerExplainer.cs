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
/// <param name="Reasons">The principal reasons, strongest first.</param>
public sealed record RowExplanation(IReadOnlyList<AnswerReason> Reasons);

/// <summary>One reason of a decision.</summary>
/// <param name="Code">As the version's reason catalogue names it.</param>
/// <param name="Text">The catalogue's sentence for people.</param>
public sealed record AnswerReason(string Code, string Text);

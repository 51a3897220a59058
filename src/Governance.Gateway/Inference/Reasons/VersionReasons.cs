using Governance.Checks.Explainability.Reasons;
using Governance.Models.Attribution;
using Governance.Serving;

namespace Governance.Gateway.Inference.Reasons;

/// <summary>The reasons of one version's decisions, made ready once. Thread-safe.</summary>
internal sealed class VersionReasons(ReasonCodeExplainer explainer)
{
    private readonly AnswerReason[] reasons = [.. explainer.Codes.Select(c => new AnswerReason(c.Code, c.Text))];

    /// <summary>Whether explaining a row is exact and takes microseconds; otherwise the model is asked hundreds of times for each.</summary>
    public bool IsExact { get; } = explainer.Explainer is not SamplingExplainer;

    /// <summary>The principal reasons of a row, strongest first, at most <paramref name="most"/>.</summary>
    /// <exception cref="ScoringException">The contributions are not numbers: there is nothing to state.</exception>
    public RowExplanation Of(ReadOnlySpan<float> row, int most, CancellationToken cancellationToken)
    {
        Span<int> found = stackalloc int[explainer.MaxReasons];
        Span<double> shortfalls = reasons.Length <= 512 ? stackalloc double[reasons.Length] : new double[reasons.Length];
        var count = explainer.Explain(row, found, shortfalls, cancellationToken);
        foreach (var shortfall in shortfalls)
        {
            if (!double.IsFinite(shortfall))
            {
                throw new ScoringException(ReasonLibrary.Unavailable, "The reasons of a decision cannot be computed, so it is not given.");
            }
        }

        var stated = new AnswerReason[Math.Min(count, most)];
        for (var i = 0; i < stated.Length; i++)
        {
            stated[i] = reasons[found[i]];
        }

        return new RowExplanation(stated);
    }
}

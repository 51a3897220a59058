using Governance.Core.Serving;

namespace Governance.Serving.Pipelines;

/// <summary>
/// What a pipeline computes: a pure function of its document and the numbers, in double precision and a fixed order, so that equal requests have
/// equal scores. Each row is computed by itself. The document is one that <see cref="RoutePipelineRules"/> finds no fault in. Thread-safe.
/// </summary>
public static class PipelineMath
{
    /// <summary>Does a feature's step to its column, in place.</summary>
    /// <param name="features">Row-major, <paramref name="width"/> columns.</param>
    /// <exception cref="ScoringException">A value leaves FP32.</exception>
    public static void Prepare(FeatureStep step, Span<float> features, int column, int width)
    {
        for (var at = column; at < features.Length; at += width)
        {
            var prepared = (float)Prepare(step, features[at]);
            features[at] = float.IsFinite(prepared)
                ? prepared
                : throw new ScoringException(ScoringException.ModelFailed, $"The feature '{step.Feature}' leaves the range of FP32 when it is prepared.");
        }
    }

    /// <summary>One score of the members' scores.</summary>
    /// <param name="scores">One from 0 to 1 for each member, the version that answers first.</param>
    /// <returns>0 to 1.</returns>
    public static double Combine(Ensemble? ensemble, ReadOnlySpan<double> scores)
    {
        var (sum, total, low, high) = (0.0, 0.0, 1.0, 0.0);
        for (var i = 0; i < scores.Length; i++)
        {
            var weight = ensemble is { Kind: EnsembleKind.Weighted } ? ensemble.Weights![i] : 1;
            sum += ensemble is { Kind: EnsembleKind.Majority } ? (scores[i] >= ensemble.Thresholds![i] ? 1 : 0) : weight * scores[i];
            total += weight;
            (low, high) = (Math.Min(low, scores[i]), Math.Max(high, scores[i]));
        }

        // A mean is never beyond its members, whatever the rounding: equal scores stay what they are, on their side of a threshold.
        return ensemble is { Kind: EnsembleKind.Majority } ? sum / total : Math.Clamp(sum / total, low, high);
    }

    /// <summary>Does the steps to a score, in their order.</summary>
    /// <param name="score">0 to 1.</param>
    /// <returns>0 to 1.</returns>
    public static double Finish(IReadOnlyList<PostStep> steps, double score)
    {
        foreach (var step in steps)
        {
            score = step switch
            {
                { Platt: { } platt } => 1 / (1 + Math.Exp((platt.A * score) + platt.B)),
                { Isotonic: { } isotonic } => At(isotonic, score),
                _ => Math.Clamp(score, step.Clamp!.Low, step.Clamp.High),
            };
        }

        return score;
    }

    private static double Prepare(FeatureStep step, float value)
    {
        double prepared = step.Impute is { } impute && value == (float)impute.Missing ? impute.Value : value;
        prepared = step.Clip is { } clip ? Math.Clamp(prepared, clip.Low, clip.High) : prepared;
        return step.Scale is { } scale ? (prepared - scale.Mean) / scale.Sd : prepared;
    }

    private static double At(Isotonic isotonic, double score)
    {
        var (x, y) = (isotonic.X, isotonic.Y);
        if (score < x[0])
        {
            return y[0];
        }

        for (var i = 1; i < x.Count; i++)
        {
            // At a breakpoint the next piece begins, and its value is exact.
            if (score < x[i])
            {
                // Never beyond the breakpoints of the piece, whatever the rounding.
                return Math.Clamp(y[i - 1] + ((score - x[i - 1]) / (x[i] - x[i - 1]) * (y[i] - y[i - 1])), y[i - 1], y[i]);
            }
        }

        return y[^1];
    }
}

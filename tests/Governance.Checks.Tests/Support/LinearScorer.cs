using Governance.Models;

namespace Governance.Checks.Tests.Support;

/// <summary>A logistic model over named features; missing values make its score NaN, or count as zero.</summary>
internal sealed class LinearScorer(IReadOnlyList<string> features, double[] weights, double intercept, bool missingIsZero = true) : IScorer
{
    public IReadOnlyList<string> Features { get; } = features;

    public void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken)
    {
        for (var r = 0; r < scores.Length; r++)
        {
            var z = intercept;
            for (var f = 0; f < weights.Length; f++)
            {
                var value = features[(r * weights.Length) + f];
                z += weights[f] * (missingIsZero && float.IsNaN(value) ? 0 : value);
            }

            scores[r] = (float)(1 / (1 + Math.Exp(-z)));
        }
    }
}

/// <summary>Returns stored scores by row number, which the table carries as its feature <see cref="RowFeature"/>.</summary>
internal sealed class StoredScorer(double[] stored) : IScorer
{
    public const string RowFeature = "stored_row";

    public IReadOnlyList<string> Features { get; } = [RowFeature];

    public void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken)
    {
        for (var r = 0; r < scores.Length; r++)
        {
            scores[r] = float.IsNaN(features[r]) ? double.NaN : stored[(int)features[r]];
        }
    }
}

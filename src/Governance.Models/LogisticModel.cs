using Governance.Models.Structure;
using Governance.Models.Trees;

namespace Governance.Models;

/// <summary>
/// A logistic regression in float64: probability = 1 / (1 + exp(-(intercept + coefficients · features))). A missing feature gives NaN. Immutable and thread-safe.
/// </summary>
/// <param name="Coefficients">Per unit of the raw feature.</param>
public sealed record LogisticModel(IReadOnlyList<string> Features, double Intercept, IReadOnlyList<double> Coefficients) : IReadableScorer
{
    /// <inheritdoc/>
    public StructureReading Reading => new(new LinearStructure(InputColumns.Identity(Features), this, TreeLink.Logistic), null);

    public void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken)
    {
        for (var row = 0; row < scores.Length; row++)
        {
            scores[row] = Sigmoid(LogOdds(features.Slice(row * Features.Count, Features.Count)));
        }
    }

    public double LogOdds(ReadOnlySpan<float> row)
    {
        var sum = Intercept;
        for (var i = 0; i < row.Length; i++)
        {
            sum += Coefficients[i] * row[i];
        }

        return sum;
    }

    internal static double Sigmoid(double logOdds) => logOdds >= 0 ? 1 / (1 + Math.Exp(-logOdds)) : Math.Exp(logOdds) / (1 + Math.Exp(logOdds));
}

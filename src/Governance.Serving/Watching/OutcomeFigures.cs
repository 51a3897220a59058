using Governance.Checks;
using Governance.Checks.Statistics;

namespace Governance.Serving.Watching;

/// <summary>How well past scores foretold what became known since. Immutable; null where it is not defined.</summary>
/// <param name="Labelled">Decisions with an outcome.</param>
/// <param name="Positives">Of which label 1.</param>
/// <param name="Brier">Mean squared difference of score and label.</param>
public sealed record OutcomeFigures(long Labelled, long Positives, double? Auc, double? Brier, double? CalibrationError)
{
    public static OutcomeFigures Of(ReadOnlySpan<double> scores, ReadOnlySpan<double> labels)
    {
        var counts = ScoreCounts.OfRows(scores, labels);
        var squares = 0.0;
        for (var i = 0; i < scores.Length; i++)
        {
            squares += (scores[i] - labels[i]) * (scores[i] - labels[i]);
        }

        return new OutcomeFigures(
            counts.Total, counts.TotalPositives, counts.HasBothClasses ? Ranking.Auc(counts).Value : null, counts.Total > 0 ? squares / counts.Total : null,
            counts.Total > 0 ? CalibrationBins.ExpectedError(counts, CalibrationBins.Uniform(counts, 10)) : null);
    }
}

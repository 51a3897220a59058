using Governance.Models;

namespace Governance.Checks;

/// <summary>Scoring of rows that a model may refuse.</summary>
internal static class Scoring
{
    /// <summary>False when the model refuses the rows: a finding of the check, not a failure.</summary>
    public static bool TryScore(IScorer model, ReadOnlySpan<float> rows, Span<double> scores, CancellationToken cancellationToken)
    {
        try
        {
            model.Score(rows, scores, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The score of one row, or NaN when the model refuses it.</summary>
    public static double OrNaN(IScorer model, ReadOnlySpan<float> row, CancellationToken cancellationToken)
    {
        Span<double> score = [double.NaN];
        return TryScore(model, row, score, cancellationToken) ? score[0] : double.NaN;
    }
}

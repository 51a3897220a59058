namespace Governance.Checks.Explainability.Reasons;

/// <summary>Applicants at or slightly on the good side of the cutoff: those whom comment 9(b)(2)-5 of Regulation B lets an applicant be measured against.</summary>
public static class NearCutoff
{
    /// <summary>Rows decided favourably, nearest to the cutoff first, rows of equal score in their order.</summary>
    /// <param name="scores">Probabilities of label 1; NaN is left out.</param>
    /// <param name="threshold">Score at or above which label 1 is predicted.</param>
    /// <param name="count">At most so many rows.</param>
    /// <returns>Ascending row numbers; empty when nobody is decided favourably.</returns>
    public static int[] Rows(ReadOnlySpan<double> scores, double threshold, int favourablePrediction, int count)
    {
        var rows = new List<(double Distance, int Row)>();
        for (var i = 0; i < scores.Length; i++)
        {
            if (!double.IsNaN(scores[i]) && (scores[i] >= threshold ? 1 : 0) == favourablePrediction)
            {
                rows.Add((Math.Abs(scores[i] - threshold), i));
            }
        }

        rows.Sort();
        return [.. rows.Take(count).Select(r => r.Row).Order()];
    }
}

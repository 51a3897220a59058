namespace Governance.Checks.Statistics;

/// <summary>Losses of a probability forecast and the means they come from.</summary>
public static class Probability
{
    private const double Smallest = 2.220446049250313e-16;

    /// <summary>Mean of a function of score and label, with the standard error of that mean over rows. NaN without rows.</summary>
    public static (double Mean, double StandardError) Mean(ScoreCounts counts, Func<double, int, double> value)
    {
        double sum = 0, n = counts.Total;
        for (var i = 0; i < counts.Scores.Length; i++)
        {
            sum += Weighted(counts.Negatives[i], value(counts.Scores[i], 0)) + Weighted(counts.Positives[i], value(counts.Scores[i], 1));
        }

        var mean = sum / n;
        double squares = 0;
        for (var i = 0; i < counts.Scores.Length; i++)
        {
            double d0 = value(counts.Scores[i], 0) - mean, d1 = value(counts.Scores[i], 1) - mean;
            squares += Weighted(counts.Negatives[i], d0 * d0) + Weighted(counts.Positives[i], d1 * d1);
        }

        return (mean, Math.Sqrt(squares / (n - 1) / n));
    }

    /// <summary>Squared error of one forecast (Brier 1950).</summary>
    public static double SquaredError(double score, int label) => (score - label) * (score - label);

    /// <summary>Log loss of one forecast; scores are cut to <c>[2.2e-16, 1 − 2.2e-16]</c> so that one row cannot make it infinite.</summary>
    public static double LogLoss(double score, int label)
    {
        var p = Math.Clamp(score, Smallest, 1 - Smallest);
        return label == 1 ? -Math.Log(p) : -Math.Log(1 - p);
    }

    private static double Weighted(long count, double value) => count == 0 ? 0 : count * value;
}

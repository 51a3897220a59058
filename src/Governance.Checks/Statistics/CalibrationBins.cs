namespace Governance.Checks.Statistics;

/// <summary>Scores <c>(Lower, Upper]</c> with what was observed there.</summary>
public readonly record struct CalibrationBin(double Lower, double Upper, long Count, long Positives, double MeanScore)
{
    public double FractionPositive => (double)Positives / Count;
}

/// <summary>Groups scores for calibration, by the conventions of scikit-learn's <c>calibration_curve</c>: right-closed bins, empty ones left out.</summary>
public static class CalibrationBins
{
    /// <summary>Bins of equal width over [0, 1].</summary>
    public static IReadOnlyList<CalibrationBin> Uniform(ScoreCounts counts, int bins) => Group(counts, [.. Fractions(bins)]);

    /// <summary>Bins between interpolated quantiles of the scores; ties may make them unequal or fewer.</summary>
    public static IReadOnlyList<CalibrationBin> Quantile(ScoreCounts counts, int bins) =>
        counts.Total == 0 ? [] : Group(counts, [.. Fractions(bins).Select(q => Quantile(counts, q * 100 / 100))]);

    /// <summary>Share-weighted sum of |fraction positive − mean score|: the expected calibration error. NaN without rows.</summary>
    public static double ExpectedError(ScoreCounts counts, IEnumerable<CalibrationBin> bins) =>
        counts.Total == 0 ? double.NaN : bins.Sum(b => (double)b.Count / counts.Total * Math.Abs(b.FractionPositive - b.MeanScore));

    /// <summary>
    /// Murphy's (1973) split of the Brier score over bins: score = reliability − resolution + uncertainty. Scores differ within a bin, so resolution is the
    /// generalized one of Stephenson, Coelho and Jolliffe (2008), which takes in what lies within the bins: the sum holds exactly. NaN without rows.
    /// </summary>
    public static (double Reliability, double Resolution, double Uncertainty) Murphy(ScoreCounts counts, IEnumerable<CalibrationBin> bins)
    {
        var rate = (double)counts.TotalPositives / counts.Total;
        var (reliability, uncertainty) = (bins.Sum(b => (double)b.Count / counts.Total * Math.Pow(b.MeanScore - b.FractionPositive, 2)), rate * (1 - rate));
        return (reliability, reliability + uncertainty - Probability.Mean(counts, Probability.SquaredError).Mean, uncertainty);
    }

    private static IEnumerable<double> Fractions(int bins) => Enumerable.Range(0, bins + 1).Select(i => i == bins ? 1.0 : i * (1.0 / bins));

    private static double Quantile(ScoreCounts counts, double q)
    {
        var position = q * (counts.Total - 1);
        var rank = (long)position;
        double low = At(counts, rank), high = At(counts, Math.Min(rank + 1, counts.Total - 1)), t = position - rank;
        return t >= 0.5 ? high - ((high - low) * (1 - t)) : low + ((high - low) * t);
    }

    private static double At(ScoreCounts counts, long rank)
    {
        var i = 0;
        for (var seen = counts.Count(0); seen <= rank; seen += counts.Count(++i))
        {
        }

        return counts.Scores[i];
    }

    private static List<CalibrationBin> Group(ScoreCounts counts, double[] edges)
    {
        var bins = new List<CalibrationBin>();
        var i = 0;
        for (var b = 1; b < edges.Length; b++)
        {
            long rows = 0, positives = 0;
            var sum = 0.0;
            for (; i < counts.Scores.Length && (b == edges.Length - 1 || counts.Scores[i] <= edges[b]); i++)
            {
                rows += counts.Count(i);
                positives += counts.Positives[i];
                sum += counts.Count(i) * counts.Scores[i];
            }

            if (rows > 0)
            {
                bins.Add(new CalibrationBin(edges[b - 1], edges[b], rows, positives, sum / rows));
            }
        }

        return bins;
    }
}

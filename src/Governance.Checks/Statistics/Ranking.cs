namespace Governance.Checks.Statistics;

/// <summary>An AUC with its variance.</summary>
/// <param name="Value">Probability that a random positive outranks a random negative, ties counted half.</param>
/// <param name="Variance">DeLong's; NaN when a class has fewer than two rows.</param>
public readonly record struct AucEstimate(double Value, double Variance)
{
    /// <summary>Null when the variance is zero or unknown: perfect or constant scores say nothing about their own uncertainty.</summary>
    public Interval? Interval(double level) =>
        Variance > 0 ? Statistics.Interval.Around(Value, Math.Sqrt(Variance), level, "DeLong", 0, 1) : null;
}

/// <summary>How well scores order the labels. NaN where a class is empty.</summary>
public static class Ranking
{
    /// <summary>Mann–Whitney AUC with the variance of DeLong, DeLong and Clarke-Pearson (1988), from midranks (Sun and Xu 2014): linear after sorting.</summary>
    public static AucEstimate Auc(ScoreCounts counts)
    {
        if (!counts.HasBothClasses)
        {
            return new AucEstimate(double.NaN, double.NaN);
        }

        double m = counts.TotalPositives, n = counts.TotalNegatives;
        Int128 doubled = 0;
        for (long i = 0, below = 0; i < counts.Scores.Length; below += counts.Negatives[i++])
        {
            doubled += (Int128)counts.Positives[i] * ((2 * below) + counts.Negatives[i]);
        }

        var auc = (double)doubled / (2 * m * n);
        double positiveSquares = 0, negativeSquares = 0;
        double negativesBelow = 0, positivesBelow = 0;
        for (var i = 0; i < counts.Scores.Length; i++)
        {
            double p = counts.Positives[i], q = counts.Negatives[i];
            var ofPositive = ((negativesBelow + (q / 2)) / n) - auc;
            var ofNegative = ((m - positivesBelow - (p / 2)) / m) - auc;
            positiveSquares += p * ofPositive * ofPositive;
            negativeSquares += q * ofNegative * ofNegative;
            negativesBelow += q;
            positivesBelow += p;
        }

        return new AucEstimate(auc, (positiveSquares / (m - 1) / m) + (negativeSquares / (n - 1) / n));
    }

    /// <summary>
    /// The AUC to be expected if every row were positive with the probability its score stands for (van Klaveren et al. 2016): labels are not looked at.
    /// </summary>
    public static double ModelBasedAuc(ScoreCounts counts, Func<double, double> probability)
    {
        double concordant = 0, pairs = 0, negativesBelow = 0, positives = 0, negatives = 0;
        for (var i = 0; i < counts.Scores.Length; i++)
        {
            double n = counts.Count(i), p = probability(counts.Scores[i]), itself = n * p * (1 - p);
            concordant += (n * p * negativesBelow) + (((n * p * n * (1 - p)) - itself) / 2);
            pairs -= itself;
            negativesBelow += n * (1 - p);
            positives += n * p;
            negatives += n * (1 - p);
        }

        pairs += positives * negatives;
        return concordant / pairs;
    }

    /// <summary>The credit KS: largest distance between the score distributions of the two labels.</summary>
    public static double KolmogorovSmirnov(ScoreCounts counts)
    {
        if (!counts.HasBothClasses)
        {
            return double.NaN;
        }

        double largest = 0;
        long negatives = 0, positives = 0;
        for (var i = 0; i < counts.Scores.Length; i++)
        {
            negatives += counts.Negatives[i];
            positives += counts.Positives[i];
            var distance = Math.Abs(((double)negatives / counts.TotalNegatives) - ((double)positives / counts.TotalPositives));
            largest = Math.Max(largest, distance);
        }

        return largest;
    }

    /// <summary>Average precision: precision weighted by the gain in recall, over thresholds from high to low, without interpolation.</summary>
    public static double AveragePrecision(ScoreCounts counts)
    {
        if (counts.TotalPositives == 0)
        {
            return double.NaN;
        }

        double sum = 0;
        long all = 0, positives = 0;
        for (var i = counts.Scores.Length - 1; i >= 0; i--)
        {
            all += counts.Count(i);
            positives += counts.Positives[i];
            if (counts.Positives[i] > 0)
            {
                sum += counts.Positives[i] * ((double)positives / all);
            }
        }

        return sum / counts.TotalPositives;
    }
}

namespace Governance.Checks.Statistics;

/// <summary>Tests of the hypothesis that scores are the probabilities of label 1.</summary>
public static class CalibrationTests
{
    /// <summary>Spiegelhalter's Z (1986): standard normal when calibrated. NaN when every score is 0, ½ or 1.</summary>
    public static double Spiegelhalter(ScoreCounts counts)
    {
        double numerator = 0, variance = 0;
        for (var i = 0; i < counts.Scores.Length; i++)
        {
            double p = counts.Scores[i], w = 1 - (2 * p);
            numerator += (counts.Positives[i] - (counts.Count(i) * p)) * w;
            variance += counts.Count(i) * w * w * p * (1 - p);
        }

        return variance > 0 ? numerator / Math.Sqrt(variance) : double.NaN;
    }

    /// <summary>
    /// Largest absolute cumulative difference of labels and scores in score order, over its standard deviation (Arrieta-Ibarra et al. 2022): the
    /// maximum of a Brownian motion when calibrated. Needs no bins. NaN when every score is 0 or 1.
    /// </summary>
    public static double CumulativeDifference(ScoreCounts counts)
    {
        double cumulative = 0, largest = 0, variance = 0;
        for (var i = 0; i < counts.Scores.Length; i++)
        {
            var p = counts.Scores[i];
            cumulative += counts.Positives[i] - (counts.Count(i) * p);
            largest = Math.Max(largest, Math.Abs(cumulative));
            variance += counts.Count(i) * p * (1 - p);
        }

        return variance > 0 ? largest / Math.Sqrt(variance) : double.NaN;
    }

    /// <summary>Hosmer and Lemeshow's statistic (1980) over bins; NaN when a bin's scores are all 0 or all 1.</summary>
    public static double HosmerLemeshow(IEnumerable<CalibrationBin> bins) => bins.Sum(b =>
    {
        var expected = b.Count * b.MeanScore;
        return (b.Positives - expected) * (b.Positives - expected) / (expected * (1 - b.MeanScore));
    });
}

namespace Governance.Checks.Statistics;

/// <summary>AUCs of two scores of the same rows. Immutable.</summary>
/// <param name="Variance">Of the first AUC minus the second; NaN when a class has fewer than two rows.</param>
public readonly record struct PairedAuc(double First, double Second, double Variance)
{
    public double Difference => First - Second;

    /// <summary>Null when the variance is zero or unknown: scores that rank alike say nothing of their own uncertainty.</summary>
    public Interval? Interval(double level) => Variance > 0 ? Statistics.Interval.Around(Difference, Math.Sqrt(Variance), level, "paired DeLong", -1, 1) : null;

    /// <summary>Two-sided p-value that both AUCs are equal; 1 when the scores rank alike.</summary>
    public double PValue => Variance > 0 ? Tail.TwoSidedNormal(Difference / Math.Sqrt(Variance)) : Difference == 0 ? 1 : double.NaN;

    /// <summary>One-sided p-value that the first AUC is lower than the second by the margin or more: small means not inferior.</summary>
    public double NonInferiority(double margin) =>
        Variance > 0 ? Tail.UpperNormal((Difference + margin) / Math.Sqrt(Variance)) : Difference + margin > 0 ? 0 : 1;

    /// <summary>Comparison of DeLong, DeLong and Clarke-Pearson (1988), placements by midranks. NaN without both classes.</summary>
    public static PairedAuc Of(ReadOnlySpan<double> first, ReadOnlySpan<double> second, ReadOnlySpan<bool> positive)
    {
        var (a, b) = (Placements(first, positive), Placements(second, positive));
        int m = 0, n = 0;
        double meanA = 0, meanB = 0;
        for (var i = 0; i < a.Length; i++)
        {
            (m, n) = positive[i] ? (m + 1, n) : (m, n + 1);
            meanA += positive[i] ? a[i] : 0;
            meanB += positive[i] ? b[i] : 0;
        }

        if (m == 0 || n == 0)
        {
            return new PairedAuc(double.NaN, double.NaN, double.NaN);
        }

        (meanA, meanB) = (meanA / m, meanB / m);
        double ofPositives = 0, ofNegatives = 0;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = a[i] - b[i] - (meanA - meanB);
            ofPositives += positive[i] ? difference * difference : 0;
            ofNegatives += positive[i] ? 0 : difference * difference;
        }

        return new PairedAuc(meanA, meanB, (ofPositives / (m - 1.0) / m) + (ofNegatives / (n - 1.0) / n));
    }

    /// <summary>For a positive the share of negatives below it, for a negative the share of positives above it, ties counted half.</summary>
    private static double[] Placements(ReadOnlySpan<double> scores, ReadOnlySpan<bool> positive)
    {
        var order = new int[scores.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(scores.ToArray(), order);
        long positives = 0;
        foreach (var p in positive)
        {
            positives += p ? 1 : 0;
        }

        var negatives = scores.Length - positives;
        var placements = new double[scores.Length];
        long positivesBelow = 0, negativesBelow = 0;
        for (int from = 0, to; from < order.Length; from = to)
        {
            long own = 0;
            for (to = from; to < order.Length && scores[order[to]] == scores[order[from]]; to++)
            {
                own += positive[order[to]] ? 1 : 0;
            }

            var others = to - from - own;
            for (var i = from; i < to; i++)
            {
                placements[order[i]] = positive[order[i]] ? (negativesBelow + (others / 2.0)) / negatives : (positives - positivesBelow - (own / 2.0)) / positives;
            }

            positivesBelow += own;
            negativesBelow += others;
        }

        return placements;
    }
}

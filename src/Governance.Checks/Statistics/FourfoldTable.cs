namespace Governance.Checks.Statistics;

/// <summary>A two-by-two table of counts: rows are groups, columns are yes and no. Immutable.</summary>
/// <param name="A">Yes in the first group.</param>
/// <param name="B">No in the first group.</param>
/// <param name="C">Yes in the second group.</param>
/// <param name="D">No in the second group.</param>
public readonly record struct FourfoldTable(long A, long B, long C, long D)
{
    public long Total => A + B + C + D;

    /// <summary>Pearson's statistic; with <paramref name="yates"/> the continuity correction of Yates (1934), never past zero. NaN with an empty margin.</summary>
    public double ChiSquared(bool yates)
    {
        double n = Total, r1 = A + B, r2 = C + D, c1 = A + C, c2 = B + D;
        var determinant = Math.Abs(((double)A * D) - ((double)B * C));
        if (yates)
        {
            determinant = Math.Max(0, determinant - (n / 2));
        }

        // Divided step by step: the product of four margins of a million would still fit, but only just.
        return determinant / r1 * (determinant / r2) / c1 * n / c2;
    }

    /// <summary>p-value of <see cref="ChiSquared"/> on one degree of freedom; 1 with an empty margin (no evidence).</summary>
    public double ChiSquaredPValue(bool yates) => HasEmptyMargin ? 1 : Tail.ChiSquared(ChiSquared(yates), 1);

    /// <summary>
    /// Two-sided exact test (Fisher 1934): the probability, with both margins fixed, of all tables no more likely than this one.
    /// Hypergeometric weights come from their ratio, starting at the mode, so no factorial is formed.
    /// </summary>
    public double FisherPValue()
    {
        if (HasEmptyMargin)
        {
            return 1;
        }

        long r1 = A + B, c1 = A + C, n = Total;
        var low = Math.Max(0, r1 + c1 - n);
        var high = Math.Min(r1, c1);
        var mode = (long)((double)(r1 + 1) * (c1 + 1) / (n + 2));
        mode = Math.Clamp(mode, low, high);

        var weights = new double[high - low + 1];
        weights[mode - low] = 1;
        for (var k = mode; k < high; k++)
        {
            weights[k + 1 - low] = weights[k - low] * ((double)(r1 - k) * (c1 - k) / ((double)(k + 1) * (n - r1 - c1 + k + 1)));
        }

        for (var k = mode; k > low; k--)
        {
            weights[k - 1 - low] = weights[k - low] * ((double)k * (n - r1 - c1 + k) / ((double)(r1 - k + 1) * (c1 - k + 1)));
        }

        // Tables of equal probability may differ in the last digits; the margin of one in ten million is the usual one.
        var limit = weights[A - low] * (1 + 1e-7);
        double all = 0, extreme = 0;
        foreach (var weight in weights)
        {
            all += weight;
            extreme += weight <= limit ? weight : 0;
        }

        return Math.Min(1, extreme / all);
    }

    public long SmallestCell => Math.Min(Math.Min(A, B), Math.Min(C, D));

    private bool HasEmptyMargin => A + B == 0 || C + D == 0 || A + C == 0 || B + D == 0;

    /// <summary>The test a check reports: exact when a cell is below <paramref name="exactBelow"/>, else chi-squared with Yates' correction.</summary>
    public (double PValue, string Test) Test(double exactBelow) =>
        SmallestCell < exactBelow ? (FisherPValue(), "Fisher exact") : (ChiSquaredPValue(yates: true), "chi-squared (Yates)");
}

namespace Governance.Checks.Statistics;

/// <summary>Two yes-or-no answers about the same rows. Immutable.</summary>
/// <param name="Both">Yes twice.</param>
/// <param name="FirstOnly">Yes by the first alone.</param>
/// <param name="SecondOnly">Yes by the second alone.</param>
/// <param name="Neither">No twice.</param>
public readonly record struct PairedCounts(long Both, long FirstOnly, long SecondOnly, long Neither)
{
    public long Total => Both + FirstOnly + SecondOnly + Neither;

    public double FirstRate => (double)(Both + FirstOnly) / Total;

    public double SecondRate => (double)(Both + SecondOnly) / Total;

    /// <summary>First rate minus second.</summary>
    public double Difference => (double)(FirstOnly - SecondOnly) / Total;

    /// <summary>McNemar's test (1947) in its exact form: two-sided binomial over the rows on which the answers differ. 1 when they never differ.</summary>
    public double McNemar => Math.Min(1, 2 * Tail.BinomialAtLeast(Math.Max(FirstOnly, SecondOnly), FirstOnly + SecondOnly, 0.5));

    /// <summary>Interval of <see cref="Difference"/>: Wald's after half a row is added to each cell (Agresti and Min 2005).</summary>
    public Interval Interval(double level)
    {
        double b = FirstOnly + 0.5, c = SecondOnly + 0.5, n = Total + 2;
        var difference = (b - c) / n;
        return Statistics.Interval.Around(difference, Math.Sqrt(b + c - (n * difference * difference)) / n, level, "Agresti-Min", -1, 1);
    }
}

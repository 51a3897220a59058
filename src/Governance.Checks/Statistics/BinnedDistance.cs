using Governance.Checks.Validation;

namespace Governance.Checks.Statistics;

/// <summary>How far two samples lie apart over frozen bins. Pure functions.</summary>
public static class BinnedDistance
{
    /// <summary>Fewest rows a cell of the test may be expected to hold (Cochran 1954).</summary>
    private const double FewestExpected = 5;

    /// <summary>Jensen–Shannon distance (Endres and Schindelin 2003): square root of the divergence in bits, 0 for equal shares, 1 for disjoint ones. NaN when a sample is empty.</summary>
    public static double JensenShannon(IReadOnlyList<StabilityBin> bins)
    {
        double n = bins.Sum(b => b.Training), m = bins.Sum(b => b.Evaluation);
        if (n == 0 || m == 0)
        {
            return double.NaN;
        }

        var divergence = bins.Sum(b =>
        {
            double p = b.Training / n, q = b.Evaluation / m, middle = (p + q) / 2;
            return (Part(p, middle) + Part(q, middle)) / 2;
        });
        return Math.Sqrt(Math.Clamp(divergence, 0, 1));

        static double Part(double share, double middle) => share == 0 ? 0 : share * Math.Log2(share / middle);
    }

    /// <summary>
    /// Pearson's test that both samples have one distribution over the bins. Bins in which a sample is expected to have fewer than five rows count together as one.
    /// No degrees of freedom, and no p-value, when fewer than two bins are left.
    /// </summary>
    public static (double Statistic, int DegreesOfFreedom) ChiSquared(IReadOnlyList<StabilityBin> bins)
    {
        long n = bins.Sum(b => b.Training), m = bins.Sum(b => b.Evaluation);
        var smaller = Math.Min(n, m) / (double)(n + m);
        var sparse = bins.ToLookup(b => (b.Training + b.Evaluation) * smaller < FewestExpected);
        var cells = sparse[false].Select(b => (b.Training, b.Evaluation)).ToList();
        if (sparse[true].Any())
        {
            cells.Add((sparse[true].Sum(b => b.Training), sparse[true].Sum(b => b.Evaluation)));
        }

        if (n == 0 || m == 0 || cells.Count < 2)
        {
            return (double.NaN, 0);
        }

        var statistic = cells.Sum(c =>
        {
            double rows = c.Training + c.Evaluation, expected = rows * n / (n + m), other = rows * m / (n + m);
            return (Math.Pow(c.Training - expected, 2) / expected) + (Math.Pow(c.Evaluation - other, 2) / other);
        });
        return (statistic, cells.Count - 1);
    }
}

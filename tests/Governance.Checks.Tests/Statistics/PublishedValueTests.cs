using Governance.Checks.Statistics;

namespace Governance.Checks.Tests.Statistics;

/// <summary>Numbers printed in papers, documentation and other libraries' tests.</summary>
public sealed class PublishedValueTests
{
    [Fact]
    public void Jeffreys_SixObligorsTwoDefaults() =>
        Assert.Equal(0.0044, Jeffreys.PValue(2, 6, 0.0367), 5e-5);

    [Fact]
    public void CumulativeDifference_FiveRows() =>
        Assert.Equal(0.978, CalibrationTests.CumulativeDifference(Counts([0.1, 0.9, 0.21, 0.9, 0.5], [0, 1, 0, 1, 0])), 5e-4);

    [Fact]
    public void ClopperPearson_AllAndNoneOfFiveHundred()
    {
        var all = Proportion.ClopperPearson(500, 500, 0.99);
        var none = Proportion.ClopperPearson(0, 500, 0.99);
        Assert.Equal(4.54, Math.Log(all.Lower / none.Upper), 5e-3);
        Assert.Equal(Math.Pow(0.005, 1 / 500.0), all.Lower, 1e-9);
        Assert.Equal((1, 0), (all.Upper, none.Lower));
    }

    /// <summary>Newcombe (1998), Statistics in Medicine 17, 873-890, table II: method 10.</summary>
    [Theory]
    [InlineData(56, 70, 48, 80, 0.0524, 0.3339)]
    [InlineData(9, 10, 3, 10, 0.1705, 0.8090)]
    [InlineData(5, 56, 0, 29, -0.0381, 0.1926)]
    [InlineData(0, 10, 0, 20, -0.1611, 0.2775)]
    [InlineData(10, 10, 0, 20, 0.6791, 1.0000)]
    public void Newcombe_Paper(long a, long m, long b, long n, double lower, double upper)
    {
        var interval = Proportion.Newcombe(a, m, b, n, 0.95);
        Assert.Equal(lower, interval.Lower, 5e-5);
        Assert.Equal(upper, interval.Upper, 5e-5);
    }

    /// <summary>Newcombe (1998), Statistics in Medicine 17, 857-872, table I: score and exact interval of one proportion.</summary>
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662, 0.2527, 0.3676)]
    [InlineData(15, 148, 0.0624, 0.1605, 0.0578, 0.1617)]
    [InlineData(0, 20, 0, 0.1611, 0, 0.1684)]
    [InlineData(1, 29, 0.0061, 0.1718, 0.0009, 0.1776)]
    public void OneProportion_Paper(long x, long n, double wilsonLower, double wilsonUpper, double exactLower, double exactUpper)
    {
        var wilson = Proportion.Wilson(x, n, 0.95);
        var exact = Proportion.ClopperPearson(x, n, 0.95);
        Assert.Equal(wilsonLower, wilson.Lower, 5e-5);
        Assert.Equal(wilsonUpper, wilson.Upper, 5e-5);
        Assert.Equal(exactLower, exact.Lower, 5e-5);
        Assert.Equal(exactUpper, exact.Upper, 5e-5);
    }

    /// <summary>Fisher's tea tasting: 3 of 4 right, two-sided 0.4857; and a table that needs the tie margin.</summary>
    [Fact]
    public void Fisher_TeaTasting()
    {
        Assert.Equal(34.0 / 70, new FourfoldTable(3, 1, 1, 3).FisherPValue(), 1e-12);
        Assert.Equal(2.0 / 70, new FourfoldTable(4, 0, 0, 4).FisherPValue(), 1e-12);
    }

    /// <summary>The Berkeley admissions of 1973 by department (Bickel et al. 1975), as R's mantelhaen.test and DescTools::BreslowDayTest(correct = TRUE) print them.</summary>
    [Fact]
    public void MantelHaenszel_BerkeleyAdmissions()
    {
        var tables = new StratifiedTables(
        [
            new(512, 313, 89, 19), new(353, 207, 17, 8), new(120, 205, 202, 391), new(138, 279, 131, 244), new(53, 138, 94, 299), new(22, 351, 24, 317),
        ]);
        Assert.Equal(0.9046968, tables.OddsRatio, 5e-8);
        Assert.Equal(1.4269, tables.MantelHaenszel, 5e-5);
        Assert.Equal(0.2323, Tail.ChiSquared(tables.MantelHaenszel, 1), 5e-5);
        Assert.Equal(18.83, tables.BreslowDay, 5e-2);
    }

    /// <summary>Holm's and Benjamini-Hochberg's own worked rules on one vector.</summary>
    [Fact]
    public void Multiplicity_Vector()
    {
        double[] p = [0.01, 0.04, 0.03, 0.005];
        Near([0.03, 0.06, 0.06, 0.02], Multiplicity.Holm(p));
        Near([0.02, 0.04, 0.04, 0.02], Multiplicity.BenjaminiHochberg(p));
        Assert.Empty(Multiplicity.Holm([]));
        Assert.Empty(Multiplicity.BenjaminiHochberg([]));
    }

    /// <summary>Critical values of the limiting distributions: Kolmogorov 1.3581 and Brownian maximum 2.2414 at 5 percent.</summary>
    [Fact]
    public void Tails_CriticalValues()
    {
        Assert.Equal(0.05, Tail.Kolmogorov(1.3581), 1e-5);
        Assert.Equal(0.05, Tail.BrownianMaximum(2.2414), 1e-5);
        Assert.Equal(0.05, Tail.TwoSidedNormal(1.959963984540054), 1e-12);
        Assert.Equal(0.05, Tail.ChiSquared(16.918977604620448, 9), 1e-9);
    }

    [Fact]
    public void Auc_TiesAndVariance_ByHand()
    {
        // Pairs: (0.5, 0.2) 1, (0.5, 0.5) 1/2, (0.9, both) 2 of 4. V10: 3/4, 1. V01: 1, 3/4.
        var auc = Ranking.Auc(Counts([0.2, 0.5, 0.5, 0.9], [0, 0, 1, 1]));
        Assert.Equal(3.5 / 4, auc.Value, 15);
        Assert.Equal((0.03125 / 2) + (0.03125 / 2), auc.Variance, 1e-15);
    }

    private static void Near(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-12));
    }

    internal static ScoreCounts Counts(double[] scores, int[] labels)
    {
        var groups = scores.Zip(labels).GroupBy(p => p.First, p => p.Second).OrderBy(g => g.Key).ToArray();
        return new ScoreCounts([.. groups.Select(g => g.Key)], [.. groups.Select(g => g.LongCount(l => l == 0))], [.. groups.Select(g => g.LongCount(l => l == 1))]);
    }
}

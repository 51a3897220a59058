using Governance.Checks.Statistics;

namespace Governance.Checks.Tests.Statistics;

public sealed class CellBootstrapTests
{
    /// <summary>Both algorithms, about their border and far out: mean and variance within five standard errors.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.7)]
    [InlineData(9.9)]
    [InlineData(10)]
    [InlineData(42)]
    [InlineData(250_000)]
    public void NextPoisson_MeanAndVariance(double mean)
    {
        const int Draws = 20_000;
        var random = SplitMix64.For(3, (long)(mean * 10));
        var draws = Enumerable.Range(0, Draws).Select(_ => (double)random.NextPoisson(mean)).ToArray();
        Assert.All(draws, d => Assert.True(d >= 0));
        Assert.InRange(draws.Average() - mean, -5 * Math.Sqrt(mean / Draws), 5 * Math.Sqrt(mean / Draws));
        var variance = draws.Sum(d => (d - mean) * (d - mean)) / Draws;
        var error = Math.Sqrt(((2 * mean * mean) + mean) / Draws);
        Assert.InRange(variance - mean, -5 * error, 5 * error);
    }

    /// <summary>At the border a draw of k has its probability: chi-squared over the middle of the distribution.</summary>
    [Fact]
    public void NextPoisson_Rejection_HasPoissonProbabilities()
    {
        const int Draws = 100_000;
        var random = SplitMix64.For(5, 1);
        var counts = new int[60];
        for (var i = 0; i < Draws; i++)
        {
            counts[Math.Min(59, random.NextPoisson(12))]++;
        }

        var statistic = 0.0;
        for (var k = 4; k <= 22; k++)
        {
            var expected = Draws * MathNet.Numerics.Distributions.Poisson.PMF(12, k);
            statistic += (counts[k] - expected) * (counts[k] - expected) / expected;
        }

        Assert.InRange(statistic, 0, 50);
    }

    /// <summary>The interval of a rate is close to Wilson's, and the same draws give the same bounds.</summary>
    [Fact]
    public void IntervalsOfCells_OfARate_IsCloseToWilson()
    {
        var interval = PoissonBootstrap.IntervalsOfCells([300, 700], c => [(double)c[0] / (c[0] + c[1])], 2000, 9, 0.95, TestContext.Current.CancellationToken)[0]!.Value;
        var wilson = Proportion.Wilson(300, 1000, 0.95);
        Assert.Equal(wilson.Lower, interval.Lower, 0.004);
        Assert.Equal(wilson.Upper, interval.Upper, 0.004);
        Assert.Equal(interval, PoissonBootstrap.IntervalsOfCells([300, 700], c => [(double)c[0] / (c[0] + c[1])], 2000, 9, 0.95, TestContext.Current.CancellationToken)[0]!.Value);
    }
}

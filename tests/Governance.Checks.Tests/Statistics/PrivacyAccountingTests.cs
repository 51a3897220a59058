using Governance.Checks.Privacy;
using Governance.Checks.Statistics;

namespace Governance.Checks.Tests.Statistics;

/// <summary>Bounds of privacy against values that others published (TensorFlow Privacy's and Google's accounting tests) and against closed forms.</summary>
public sealed class PrivacyAccountingTests
{
    [Theory]
    [InlineData(60000, 150, 1.3, 15, 1e-5, 0.7242234026, 19)]
    [InlineData(100000, 100, 1.0, 30, 1e-7, 1.4154988495, 13)]
    public void Renyi_SampledGaussian_PublishedEpsilonOrBetter(int records, int batch, double noise, int epochs, double delta, double published, double order)
    {
        var accounting = new GaussianAccounting(noise, (double)batch / records, (long)epochs * records / batch);

        // The publishers search whole orders only; ours has tenths too, and so may be a little smaller.
        var whole = (accounting.Steps * accounting.Divergence(order)) + Math.Log(1 - (1 / order)) - (Math.Log(delta * order) / (order - 1));
        Assert.Equal(published, whole, 1e-9);
        Assert.InRange(accounting.Renyi(delta).Epsilon, 0.99 * published, published + 1e-9);
    }

    /// <summary>Noise 0.7, 1.2 epochs, δ = 1e-5: two steps on all rows, or 120 on one in a hundred.</summary>
    [Theory]
    [InlineData(1, 2, 10.1224946, 10.8602036)]
    [InlineData(0.01, 120, 2.4612381, 3.2392676)]
    public void Epsilon_GaussianSteps_PublishedValues(double rate, int steps, double byLossDistribution, double byRenyi)
    {
        var accounting = new GaussianAccounting(0.7, rate, steps);

        // At the fractional order 4.4 the publishers sum a series; ours is the integral itself, and 8e-5 smaller.
        Assert.Equal(byRenyi, accounting.Renyi(1e-5).Epsilon, 1e-4);
        Assert.Equal(byLossDistribution, accounting.LossDistribution(1e-5), 1e-4);
    }

    /// <summary>Three Gaussians of σ = √3 are one of σ = 1: δ(1) = Φ(−½) − e·Φ(−3/2).</summary>
    [Fact]
    public void LossDistribution_ThreeGaussians_ClosedForm() =>
        Assert.Equal(0.126936737507, new GaussianAccounting(Math.Sqrt(3), 1, 3).LossDistributionDelta(1), 1e-6);

    [Fact]
    public void LossDistribution_SampledThrice_PublishedDelta() => Assert.Equal(1, new GaussianAccounting(0.5, 0.2, 3).LossDistribution(0.15594), 1e-3);

    /// <summary>More steps, less noise or more sampling never cost less; the tight bound is below the other.</summary>
    [Fact]
    public void Epsilon_MoreOfEverything_Grows()
    {
        double E(double noise, double rate, long steps) => new GaussianAccounting(noise, rate, steps).LossDistribution(1e-5);
        Assert.True(E(1, 0.05, 50) < E(1, 0.05, 200) && E(1, 0.05, 200) < E(0.8, 0.05, 200) && E(0.8, 0.05, 200) < E(0.8, 0.1, 200));
        Assert.True(E(1, 0.05, 200) < new GaussianAccounting(1, 0.05, 200).Renyi(1e-5).Epsilon);
    }

    /// <summary>500 members of 500 found without a false alarm at α = 0.01.</summary>
    [Fact]
    public void Floor_AllFound_PublishedValue() => Assert.Equal(4.54, PrivacyAudit.Floor(500, 500, 0, 500, 0, 0.99), 5e-3);

    [Theory]
    [InlineData(473, 511, 755, 950, 1.01166194)]
    [InlineData(1000, 10, 10, 10000, 589.27335593)]
    public void Katz_LowerBound_PublishedValues(int found, int missed, int alarms, int quiet, double published) =>
        Assert.Equal(published, Proportion.Katz(found, found + missed, alarms, alarms + quiet, 0.9)!.Value.Lower, 1e-6 * published);

    /// <summary>Without δ the p-value is the binomial tail, and the bound is where it reaches 5 percent: ε = ln(q / (1 − q)).</summary>
    [Fact]
    public void OneRun_NoDelta_BinomialTail()
    {
        var epsilon = PrivacyAudit.OneRun(200, 100, 80, 0, 0.95);
        var q = 1 / (1 + Math.Exp(-epsilon));
        Assert.Equal(0.05, Tail.BinomialAtLeast(80, 100, q), 1e-9);
        Assert.Equal(0, PrivacyAudit.OneRun(200, 100, 52, 0, 0.95));
        Assert.True(PrivacyAudit.OneRun(200, 100, 80, 1e-4, 0.95) < epsilon);
    }

    /// <summary>Where nothing leaks, the audits say so in all but the nominal share of cases, although they choose their threshold.</summary>
    [Fact]
    public void Audits_NothingLeaks_PositiveAtMostNominally()
    {
        const int Runs = 600;
        var (floors, runs, selected) = (0, 0, 0);
        for (var i = 0; i < Runs; i++)
        {
            var random = SplitMix64.For(77, i);
            var pairs = MembershipPairs.Draw(Draw(ref random, 400), Draw(ref random, 400), 1000, i);
            floors += pairs.Floor(0, 0.95).Epsilon > 0 ? 1 : 0;
            runs += pairs.OneRun(0, 0.95).Epsilon > 0 ? 1 : 0;

            // The usual mistake: fixing the threshold on the rows that are counted.
            selected += new MembershipPairs(pairs.Counted, pairs.Counted).Floor(0, 0.95).Epsilon > 0 ? 1 : 0;
        }

        var error = 3 * Math.Sqrt(0.05 * 0.95 / Runs);
        Assert.InRange((double)floors / Runs, 0, 0.05 + error);
        Assert.InRange((double)runs / Runs, 0, 0.05 + error);
        Assert.True(selected > 2 * floors + 10, $"{selected} against {floors}");
    }

    /// <summary>Where members are easier, both audits find it.</summary>
    [Fact]
    public void Audits_MembersStandOut_FloorAboveZero()
    {
        var random = SplitMix64.For(78, 1);
        var pairs = MembershipPairs.Draw([.. Draw(ref random, 500).Select(x => x + 2)], Draw(ref random, 500), 1000, 1);
        Assert.True(pairs.Floor(1e-5, 0.95).Epsilon > 1);
        Assert.True(pairs.OneRun(1e-5, 0.95).Epsilon > 1);
    }

    private static double[] Draw(ref SplitMix64 random, int count)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = random.NextNormal();
        }

        return values;
    }
}

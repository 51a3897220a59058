using Governance.Checks.Statistics;
using Governance.Checks.Tests.Statistics;
using Governance.Checks.Tests.Support;
using Governance.Checks.Validation;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Tests;

/// <summary>Champion and challenger, prediction sets, alert budgets, quantities, logged predictions: by hand and by simulation.</summary>
public sealed class ComparisonCheckTests
{
    private const int Runs = 1000;

    /// <summary>Against a constant score the paired variance is the single one; against itself it is zero.</summary>
    [Fact]
    public void PairedAuc_ConstantOrSame_KnownVariance()
    {
        var random = SplitMix64.For(1, 2);
        double[] labels = [.. Enumerable.Range(0, 300).Select(i => i % 3 == 0 ? 1.0 : 0)];
        var scores = labels.Select(l => Math.Round(random.NextNormal() + l, 1)).ToArray();
        var single = Ranking.Auc(PublishedValueTests.Counts(scores, Array.ConvertAll(labels, l => (int)l)));
        bool[] positive = [.. labels.Select(l => l == 1)];

        var against = PairedAuc.Of(scores, new double[300], positive);
        Assert.Equal(single.Value, against.First, 1e-12);
        Assert.Equal(0.5, against.Second, 1e-12);
        Assert.Equal(single.Variance, against.Variance, 1e-12);
        Assert.Equal(0, PairedAuc.Of(scores, scores, positive).Variance);
        Assert.Equal(1, PairedAuc.Of(scores, scores, positive).PValue);
    }

    /// <summary>Two equally good noisy scores: the test of equality holds its level, and so does that of non-inferiority at the margin.</summary>
    [Fact]
    public void PairedAuc_NoDifference_RejectsAtNominalRate()
    {
        var (equal, inferior) = (0, 0);
        for (var i = 0; i < Runs; i++)
        {
            var random = SplitMix64.For(31, i);
            var positive = Enumerable.Range(0, 240).Select(j => j % 2 == 0).ToArray();
            double[] a = new double[240], b = new double[240], worse = new double[240];
            for (var j = 0; j < 240; j++)
            {
                var common = random.NextNormal() + (positive[j] ? 1 : 0);
                (a[j], b[j]) = (common + random.NextNormal(), common + random.NextNormal());
                worse[j] = a[j];
            }

            equal += PairedAuc.Of(a, b, positive).PValue < 0.05 ? 1 : 0;
            inferior += PairedAuc.Of(worse, b, positive).NonInferiority(0) < 0.05 ? 1 : 0;
        }

        Assert.InRange((double)equal / Runs, 0.025, 0.085);
        Assert.InRange((double)inferior / Runs, 0.025, 0.085);
    }

    [Fact]
    public void McNemar_TenAgainstTwo_Binomial()
    {
        var paired = new PairedCounts(40, 10, 2, 8);
        Assert.Equal(2 * (1 + 12 + 66) / 4096.0, paired.McNemar, 1e-12);
        Assert.Equal(8.0 / 60, paired.Difference, 1e-12);
        Assert.Equal(1, new PairedCounts(4, 0, 0, 5).McNemar);
    }

    [Fact]
    public void AgrestiMin_Covers()
    {
        var covered = 0;
        for (var i = 0; i < Runs; i++)
        {
            var random = SplitMix64.For(41, i);
            long both = 0, first = 0, second = 0, none = 0;
            for (var j = 0; j < 80; j++)
            {
                var u = random.NextUniform();
                (both, first, second, none) = u < 0.5 ? (both + 1, first, second, none) : u < 0.7 ? (both, first + 1, second, none) : u < 0.8 ? (both, first, second + 1, none) : (both, first, second, none + 1);
            }

            var interval = new PairedCounts(both, first, second, none).Interval(0.95);
            covered += interval.Lower <= 0.1 && 0.1 <= interval.Upper ? 1 : 0;
        }

        Assert.InRange((double)covered / Runs, 0.925, 0.98);
    }

    /// <summary>Eight rows: two swap in (one bad), one swaps out (bad).</summary>
    [Fact]
    public void Champion_EightRows_SwapSetsByHand()
    {
        double[] challenger = [0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9], champion = [0.1, 0.2, 0.6, 0.7, 0.3, 0.7, 0.8, 0.9], labels = [0, 0, 0, 1, 1, 1, 0, 1];
        var input = new CheckInput
        {
            Evaluation = Inputs.ScoredTable(0, labels), Model = new StoredScorer(challenger), Champion = new StoredScorer(champion), Threshold = 0.5, FavourablePrediction = 0, ReferenceGroups = Inputs.References,
        };
        var result = Inputs.Run("validation.champion_challenger", input);
        Assert.Equal(3.0 / 8, result.Value("swapped_decisions"));
        Assert.Equal(0.5, result.Value("swap_in_bad_rate"));
        Assert.Equal(1, result.Value("swap_out_bad_rate"));
        Assert.Equal(-0.5, result.Value("swap_bad_rate_difference"));
        Assert.Equal(1.0 / 8, result.Value("accuracy_difference"), 1e-12);
        Assert.Equal(13.0 / 16, result.Value("auc", "model=challenger"));
        Assert.Equal(result.Value("auc", "model=challenger") - result.Value("auc", "model=champion"), result.Value("auc_difference"), 1e-12);
    }

    /// <summary>Exchangeable rows: coverage is what was promised on average, and the test rejects no more than it says.</summary>
    [Fact]
    public void Conformal_ExchangeableRows_CoversAndHoldsLevel()
    {
        const int Studies = 300;
        var (rejected, covered) = (0, 0.0);
        for (var i = 0; i < Studies; i++)
        {
            var random = SplitMix64.For(51, i);
            var scores = Enumerable.Range(0, 240).Select(_ => random.NextUniform()).ToArray();
            var labels = scores.Select(s => random.NextUniform() < s * s ? 1.0 : 0).ToArray();
            var input = new CheckInput { Evaluation = Inputs.ScoredTable(0, labels), Model = new StoredScorer(scores), Threshold = 0.5, FavourablePrediction = 0, ReferenceGroups = Inputs.References, Seed = i };
            var coverage = Inputs.Run("validation.conformal_coverage", input).Get("coverage");
            covered += coverage.Value!.Value / Studies;
            rejected += coverage.PValue < 0.05 ? 1 : 0;
        }

        Assert.InRange(covered, 0.89, 0.92);
        Assert.InRange((double)rejected / Studies, 0, 0.05 + (3 * Math.Sqrt(0.05 * 0.95 / Studies)));
    }

    [Fact]
    public void BetaBinomial_UniformRate_EqualChances()
    {
        Assert.Equal(4.0 / 11, BetaBinomial.AtMost(3, 10, 1, 1), 1e-12);
        Assert.Equal(1, BetaBinomial.AtMost(10, 10, 3, 4), 1e-12);
    }

    /// <summary>Four rows share the score at the edge: half of them are looked at.</summary>
    [Fact]
    public void AlertBudget_TiesAtTheEdge_ByLot()
    {
        var counts = PublishedValueTests.Counts([0.9, 0.9, 0.5, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1], [1, 0, 1, 1, 1, 0, 0, 0, 0, 1]);
        Assert.Equal(1, AlertBudgetCheck.Found(counts, 0.2), 1e-12);
        Assert.Equal(1 + (2 * 0.75), AlertBudgetCheck.Found(counts, 0.4), 1e-12);
        Assert.Equal(5, AlertBudgetCheck.Found(counts, 1), 1e-12);
    }

    [Fact]
    public void Regression_FourRows_ByHand()
    {
        var result = Inputs.Run("validation.regression", Inputs.Scored([0.2, 0.4, 0.6, 1.0], [0.1, 0.5, 0.6, 0.8]));
        Assert.Equal(Math.Sqrt(0.06 / 4), result.Value("rmse"), 1e-12);
        Assert.Equal(0.1, result.Value("mae"), 1e-12);
        Assert.Equal(0.05, result.Value("bias"), 1e-12);
        Assert.Equal(1 - (0.06 / 0.26), result.Value("r_squared"), 1e-12);
    }

    /// <summary>Second half of the log: twice as many defaults as the scores said.</summary>
    [Fact]
    public void Backtest_LevelMoves_ThatPeriodIsFound()
    {
        double[] logged = [.. Enumerable.Repeat(0.1, 800)];
        double[] labels = [.. Enumerable.Range(0, 800).Select(i => i % 10 == 9 && i >= 780 ? double.NaN : i % 10 == 0 || (i >= 400 && i % 10 == 5) ? 1.0 : 0)];
        var table = new DataTable([
            new Float32Column("x", ColumnRole.Feature, new float[800]), new Float64Column("logged", ColumnRole.ReferenceScore, logged), new Float64Column("label", ColumnRole.Label, labels),
        ]);
        var input = new CheckInput { Evaluation = table, Model = new LinearScorer(["x"], [1], 0), Threshold = 0.5, FavourablePrediction = 0, ReferenceGroups = Inputs.References };
        var result = Inputs.Run("validation.outcome_backtest", input);
        Assert.Equal(1, result.Value("observed_over_expected", "period=1"), 1e-12);
        Assert.Equal(2, result.Value("observed_over_expected", "period=3"), 1e-12);
        Assert.True(result.Get("observed_over_expected", "period=1").AdjustedPValue > 0.9);
        Assert.True(result.Get("observed_over_expected", "period=3").AdjustedPValue < 0.001);
        Assert.Equal(798.0 / 800, result.Value("matured_share"), 1e-12);
        Assert.Equal(MeasureStatus.Undefined, result.Get("matured_share", "decision=unfavourable").Status);
    }
}

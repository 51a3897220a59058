using FsCheck;
using FsCheck.Fluent;
using Governance.Checks.Statistics;
using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Tests;

/// <summary>Measures that count rows by weight. The expected numbers come from the definitions written out pair by pair, in another language.</summary>
public sealed class WeightedMeasuresTests
{
    private const double Z = 1.959963984540054;

    private static readonly double[] Scores = [0.1, 0.2, 0.2, 0.35, 0.4, 0.4, 0.55, 0.6, 0.7, 0.9];
    private static readonly double[] Labels = [0, 0, 1, 0, 1, 0, 1, 0, 1, 1];
    private static readonly double[] Weights = [1, 2.5, 0.5, 1.5, 3, 0.75, 2, 1.25, 1, 4];
    private static readonly string[] Groups = ["female", "female", "male", "female", "male", "male", "female", "male", "female", "male"];

    [Theory]
    [InlineData("weighted_auc", 0.8673469387755102, 0.11933778796614161)]
    [InlineData("weighted_gini", (2 * 0.8673469387755102) - 1, 2 * 0.11933778796614161)]
    [InlineData("weighted_brier", 0.15992857142857142, 0.05925429294063104)]
    [InlineData("weighted_log_loss", 0.47801477489542926, 0.1372687254172022)]
    [InlineData("weighted_mean_score", 0.5071428571428571, 0.11223057010182284)]
    [InlineData("weighted_base_rate", 0.6, 0.18095238095238098)]
    public void Discrimination_TenRows_AreTheDefinitions(string name, double value, double error)
    {
        var measure = Inputs.Run("validation.discrimination", Sample(Weights)).Get(name);

        Assert.Equal(value, measure.Value!.Value, 1e-12);
        Assert.Equal(value - (Z * error), measure.Lower!.Value, 1e-9);
        Assert.Equal(10, measure.Count);
    }

    [Fact]
    public void KolmogorovSmirnov_TenRows_IsTheDefinition()
    {
        var measure = Inputs.Run("validation.discrimination", Sample(Weights)).Get("weighted_ks");

        Assert.Equal(2.0 / 3, measure.Value!.Value, 1e-12);
        Assert.StartsWith("Poisson bootstrap", measure.Interval, StringComparison.Ordinal);
    }

    [Fact]
    public void CalibrationInTheLarge_TenRows_IsTheRoot()
    {
        var measure = Inputs.Run("validation.calibration", Sample(Weights)).Get("weighted_calibration_in_the_large");

        Assert.Equal(0.5103436758314635, measure.Value!.Value, 1e-8);
        Assert.Equal(0.5103436758314635 - (Z * 0.7240453250673177), measure.Lower!.Value, 1e-7);
    }

    [Fact]
    public void AdverseImpact_TenRows_IsTheDefinition()
    {
        var result = Inputs.Run("fairness.adverse_impact", Sample(Weights, 2));
        var ratio = result.Get("weighted_adverse_impact_ratio", "sex=female");

        Assert.Equal(0.625, result.Value("weighted_selection_rate", "sex=female"), 1e-12);
        Assert.Equal(0.4473684210526316, result.Value("weighted_selection_rate", "sex=male"), 1e-12);
        Assert.Equal(1.3970588235294117, ratio.Value!.Value, 1e-12);
        Assert.Equal(0.3003569914924869, ratio.Lower!.Value, 1e-9);
        Assert.Equal(6.4981785398200245, ratio.Upper!.Value, 1e-8);
        Assert.Equal(ratio.Value, result.Get("weighted_min_adverse_impact_ratio").Value);
    }

    [Fact]
    public void MeanScoreOfGroups_TenRows_IsTheDefinition()
    {
        var measure = Inputs.Run("fairness.group_scores", Sample(Weights, 2)).Get("weighted_mean_score", "sex=female");

        Assert.Equal(0.365625, measure.Value!.Value, 1e-12);
        Assert.Equal(0.365625 + (Z * 0.09786160050184753), measure.Upper!.Value, 1e-9);
    }

    /// <summary>Equal weights, of whatever size, give the unweighted figures; of the AUC also DeLong's variance.</summary>
    [Fact]
    public void EqualWeights_GiveTheUnweightedFigures() =>
        Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
        {
            var plain = Inputs.Portfolio(seed, 200, 50, dirty: false);
            var result = Inputs.Run("validation.discrimination", Weighted(plain, _ => 0.25 + (seed % 7)));
            var calibration = Inputs.Run("validation.calibration", Weighted(plain, _ => 3));

            foreach (var name in new[] { "auc", "gini", "ks", "brier", "log_loss", "mean_score", "base_rate" })
            {
                Assert.Equal(result.Value(name), result.Value($"weighted_{name}"), 1e-10);
            }

            foreach (var name in new[] { "auc", "brier", "mean_score" })
            {
                Assert.Equal(result.Get(name).Lower!.Value, result.Get($"weighted_{name}").Lower!.Value, 1e-10);
            }

            Assert.Equal(calibration.Value("calibration_in_the_large"), calibration.Value("weighted_calibration_in_the_large"), 1e-8);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(10));

    /// <summary>A row of weight 3 is worth as much as three rows of weight 1, but for the interval.</summary>
    [Fact]
    public void WholeWeights_AreWorthRepeatedRows()
    {
        var repeats = Enumerable.Range(0, Scores.Length).SelectMany(i => Enumerable.Repeat(i, 1 + (i % 3))).ToArray();
        var weighted = Inputs.Run("validation.discrimination", Sample([.. Enumerable.Range(0, Scores.Length).Select(i => 1.0 + (i % 3))]));
        var repeated = Inputs.Run("validation.discrimination", Inputs.Scored([.. repeats.Select(i => Scores[i])], [.. repeats.Select(i => Labels[i])]));

        foreach (var name in new[] { "auc", "ks", "brier", "log_loss", "mean_score", "base_rate" })
        {
            Assert.Equal(repeated.Value(name), weighted.Value($"weighted_{name}"), 1e-12);
        }
    }

    [Theory]
    [InlineData("validation.discrimination")]
    [InlineData("validation.calibration")]
    [InlineData("fairness.adverse_impact")]
    [InlineData("fairness.group_scores")]
    public void WeightedEvidence_AnySplitAnyOrder_SameDigest(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        var input = Weighted(Inputs.Portfolio(17, 400, 100, dirty: true), i => 0.1 + (i * 0.37 % 5));
        var cancellation = TestContext.Current.CancellationToken;
        var states = RowRange.Split(400, 7).Select(r => check.Map(input, r, cancellation)).Reverse().ToArray();

        Assert.Equal(Inputs.Run(check, input).ComputeDigest(), check.Reduce(input, states, cancellation).ComputeDigest());
    }

    /// <summary>
    /// Two strata, one sampled ten times as densely, weighted back: the linearised interval of the AUC covers the population's AUC, the unweighted figure does not estimate it.
    /// </summary>
    [Fact]
    public void AucInterval_UnequalSampling_Covers()
    {
        const int Runs = 300;
        var population = Draw(SplitMix64.For(5, 1), 40_000, 40_000);
        var truth = new WeightedScores(population.Select(r => r with { Weight = 1 })).Auc().Value;
        var covered = Enumerable.Range(0, Runs).Count(run =>
            new WeightedScores(Draw(SplitMix64.For(6, run), 400, 40)).Auc().Interval(0.95) is { } i && i.Lower <= truth && truth <= i.Upper);

        Assert.InRange(covered / (double)Runs, 0.90, 0.985);
        Assert.True(Math.Abs(new WeightedScores(Draw(SplitMix64.For(6, 0), 40_000, 4_000).Select(r => r with { Weight = 1 })).Auc().Value - truth) > 0.02);

        // The first stratum separates well, the second hardly; weights are the inverse of how densely each was drawn.
        static WeightedScore[] Draw(SplitMix64 random, int first, int second)
        {
            var rows = new WeightedScore[first + second];
            for (var i = 0; i < rows.Length; i++)
            {
                var label = random.NextBelow(2);
                rows[i] = new WeightedScore(random.NextNormal() + (label * (i < first ? 2 : 0.3)), label, i < first ? 1 : (double)first / second);
            }

            return rows;
        }
    }

    private static CheckInput Sample(double[] weights, int minimumGroup = 1)
    {
        var plain = Inputs.Scored(Scores, Labels, Groups);
        var small = new Dictionary<string, double> { ["min_group_size"] = minimumGroup };
        return new CheckInput
        {
            Evaluation = new DataTable([.. plain.Evaluation.Columns, new Float64Column("exposure", ColumnRole.Weight, weights)]),
            Model = plain.Model,
            Threshold = plain.Threshold,
            FavourablePrediction = plain.FavourablePrediction,
            ReferenceGroups = plain.ReferenceGroups,
            Seed = plain.Seed,
            Parameters = new Dictionary<string, IReadOnlyDictionary<string, double>> { ["fairness.adverse_impact"] = small, ["fairness.group_scores"] = small },
        };
    }

    private static CheckInput Weighted(CheckInput plain, Func<int, double> weight) => plain.On(new DataTable(
        [.. plain.Evaluation.Columns, new Float64Column("exposure", ColumnRole.Weight, Enumerable.Range(0, plain.Evaluation.RowCount).Select(weight).ToArray())]));
}

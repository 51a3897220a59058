using Governance.Checks.Robustness;
using Governance.Checks.Statistics;
using Governance.Checks.Tests.Support;
using Governance.Data;
using Governance.Models;
using Governance.Models.Training;
using Governance.Models.Trees;

namespace Governance.Checks.Tests;

public sealed class RobustnessCheckTests
{
    /// <summary>Against every combination of the values between thresholds: exact radii are the true ones, bounds never pass them.</summary>
    [Theory]
    [InlineData(100_000, true)]
    [InlineData(3, false)]
    public void Certificate_RandomForests_EqualToEnumeration(int joint, bool alwaysExact)
    {
        var loose = 0;
        for (var seed = 0; seed < 25; seed++)
        {
            var (trees, row) = Forest(seed);
            var reaches = new[] { new Reach(1, 1), new Reach(0.5, 0), new Reach(0, 0) };
            var certified = new TreeCertificate(trees, 0, joint).Of(row, reaches, 2);
            var truth = Math.Min(2, Enumerated(trees, row, reaches));
            if (alwaysExact || certified.IsExact)
            {
                Assert.Equal(truth, certified.Radius, 1e-5);
            }

            Assert.True(certified.Radius <= truth + 1e-5, $"{certified.Radius} is beyond {truth}");
            loose += !certified.IsExact && certified.Radius < 2 ? 1 : 0;
        }

        Assert.True(alwaysExact ? loose == 0 : loose > 0);
    }

    /// <summary>A found change is never smaller than the radius that was certified.</summary>
    [Fact]
    public void Evasion_AnyRow_NotBelowCertifiedRadius()
    {
        var input = Inputs.For("robustness.certified_radius", 4, 300, 50, dirty: false);
        double Certified(double r) => Inputs.Run("robustness.certified_radius", Alter(input, "robustness.certified_radius", ("max_rows", 300))).Value("certified_rate", FormattableString.Invariant($"radius={r}"));
        double Evaded(double b) => Inputs.Run("robustness.evasion", Alter(input, "robustness.evasion", ("budget", b), ("max_rows", 300))).Value("evasion_rate");
        foreach (var radius in new[] { 0.1, 0.25, 0.5 })
        {
            var unfavourable = Unfavourable(input);
            Assert.True(Evaded(radius - 0.001) * unfavourable <= (1 - Certified(radius)) + 1e-9);
        }

        Assert.True(Evaded(2) > 0.5);
    }

    /// <summary>A linear model on unit normals: the shortest way to the boundary is known for every row.</summary>
    [Fact]
    public void Evasion_LinearModel_NearShortestWay()
    {
        var random = SplitMix64.For(8, 1);
        float[] a = new float[400], b = new float[400];
        for (var i = 0; i < 400; i++)
        {
            (a[i], b[i]) = ((float)random.NextNormal(), (float)random.NextNormal());
        }

        var table = new DataTable([new Float32Column("a", ColumnRole.Feature, a), new Float32Column("b", ColumnRole.Feature, b)]);
        var input = new CheckInput { Evaluation = table, Model = new LinearScorer(["a", "b"], [3, 4], 0), Threshold = 0.5, FavourablePrediction = 0, ReferenceGroups = Inputs.References, Seed = 1 };
        var shortest = a.Zip(b, (x, y) => ((3 * x) + (4 * y)) / 5.0).Where(d => d > 0).Order().ToArray();
        var found = Inputs.Run("robustness.evasion", Alter(input, "robustness.evasion", ("max_rows", 400))).Value("median_cost");
        var median = shortest[(shortest.Length - 1) / 2];
        Assert.InRange(found, 0.93 * median, 1.1 * median);
    }

    /// <summary>With one feature fixed and the other allowed to grow only, the wrong way is not taken.</summary>
    [Fact]
    public void Evasion_FeaturesHeld_NothingFound()
    {
        var input = Inputs.Portfolio(4, 300, 50, dirty: false);
        var held = new CheckInput
        {
            Evaluation = input.Evaluation, Training = input.Training, Model = input.Model, Threshold = input.Threshold, FavourablePrediction = 0, ReferenceGroups = input.ReferenceGroups,
            FeatureRules = new Dictionary<string, FeatureRule> { ["income"] = new() { Change = Direction.Down }, ["debt"] = new() { Change = Direction.Up } },
        };
        Assert.Equal(0, Inputs.Run("robustness.evasion", held).Value("evasion_rate"));
        var free = Inputs.Run("robustness.evasion", input);
        Assert.True(free.Value("evasion_rate") > 0.3, free.Summary);
    }

    [Fact]
    public void WorstMean_FourRows_ByHand()
    {
        var counts = PublishedLosses();
        Assert.Equal(0.81, WorstCaseShiftCheck.WorstMean(counts, 0.25, Probability.SquaredError), 1e-12);
        Assert.Equal((0.81 + 0.25) / 2, WorstCaseShiftCheck.WorstMean(counts, 0.5, Probability.SquaredError), 1e-12);
        Assert.Equal((0.81 + (0.5 * 0.25)) / 1.5, WorstCaseShiftCheck.WorstMean(counts, 0.375, Probability.SquaredError), 1e-12);
        Assert.Equal(Probability.Mean(counts, Probability.SquaredError).Mean, WorstCaseShiftCheck.WorstMean(counts, 1, Probability.SquaredError), 1e-12);
    }

    /// <summary>A tree that sends unseen and far values elsewhere is seen to do so.</summary>
    [Fact]
    public void Perturbation_OutOfRange_DecisionsFlip()
    {
        var input = Inputs.Portfolio(5, 400, 50, dirty: false).With(Inputs.Trees());
        var result = Inputs.Run("robustness.perturbation", input);
        Assert.True(result.Value("far_below_decision_flip_rate", "feature=income") > 0.1, result.Summary);
        Assert.Equal(0, result.Value("unseen_decision_flip_rate", "feature=flag") - result.Value("far_above_decision_flip_rate", "feature=flag"));
    }

    private static double Unfavourable(CheckInput input)
    {
        var scores = input.EvaluationScores.ToArray();
        return scores.Count(s => s >= input.Threshold) / (double)scores.Length;
    }

    private static ScoreCounts PublishedLosses() => Statistics.PublishedValueTests.Counts([0.1, 0.5, 0.8, 0.9], [1, 0, 1, 1]);

    private static CheckInput Alter(CheckInput input, string check, params (string Name, double Value)[] parameters) => new()
    {
        Evaluation = input.Evaluation, Model = input.Model, Threshold = input.Threshold, FavourablePrediction = input.FavourablePrediction, ReferenceGroups = input.ReferenceGroups, Seed = input.Seed,
        Parameters = new Dictionary<string, IReadOnlyDictionary<string, double>> { [check] = parameters.ToDictionary(p => p.Name, p => p.Value) },
    };

    private static (TreeEnsemble Trees, float[] Row) Forest(int seed)
    {
        var random = SplitMix64.For(seed, 77);
        var values = new float[3 * 120];
        var labels = new double[120];
        for (var i = 0; i < 120; i++)
        {
            for (var f = 0; f < 3; f++)
            {
                values[(3 * i) + f] = (float)Math.Round(random.NextNormal(), 1);
            }

            labels[i] = random.NextUniform() < 1 / (1 + Math.Exp((-2 * values[3 * i] * values[(3 * i) + 1]) + values[(3 * i) + 2])) ? 1 : 0;
        }

        var data = new FeatureMatrix(["a", "b", "c"], 120, values);
        return (BoostedTrees.Fit(data, labels, new BoostedTreesSettings(Rounds: 8, Depth: 2, MinLeafRows: 5, LearningRate: 0.7), 1, TestContext.Current.CancellationToken), values[..3]);
    }

    /// <summary>The margin at one point of every cell that the thresholds make; the distance of the nearest cell with the other decision.</summary>
    private static double Enumerated(TreeEnsemble trees, float[] row, Reach[] reaches)
    {
        var points = Enumerable.Range(0, row.Length).Select(f =>
        {
            float[] thresholds = [.. trees.Nodes.ToArray().Where(n => n.Mode is not BranchMode.Leaf && n.Feature == f).Select(n => n.Threshold)];
            return thresholds.Concat(thresholds.Select(MathF.BitIncrement)).Append(row[f])
                .Where(v => v == row[f] || (v > row[f] ? reaches[f].Up : reaches[f].Down) > 0)
                .Select(v => (Value: v, Cost: v == row[f] ? 0 : Math.Abs((double)v - row[f]) / (v > row[f] ? reaches[f].Up : reaches[f].Down))).ToArray();
        }).ToArray();
        var decision = trees.Margin(row) >= 0;
        var best = double.PositiveInfinity;
        foreach (var a in points[0])
        {
            foreach (var b in points[1])
            {
                foreach (var c in points[2])
                {
                    best = trees.Margin([a.Value, b.Value, c.Value]) >= 0 != decision ? Math.Min(best, Math.Max(a.Cost, Math.Max(b.Cost, c.Cost))) : best;
                }
            }
        }

        return best;
    }
}

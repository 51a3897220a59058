using Governance.Checks.Statistics;
using Governance.Checks.Tests.Support;
using Governance.Data;
using Governance.Models;
using Governance.Models.Structure;
using Governance.Models.Trees;

namespace Governance.Checks.Tests;

/// <summary>What rounding, the runtime, noise and lost fields do to a model whose answers are known, by hand.</summary>
public sealed class StabilityOfScoresTests
{
    /// <summary>A split at 2: of seven rows three lie on it and go over when moved up, two lie one float32 above and come back when moved down.</summary>
    [Fact]
    public void Numerical_SplitOnValuesPeopleHave_CountsByHand()
    {
        var above = MathF.BitIncrement(2);
        var input = Input(new Set(Stump(2), "runtime_other", threshold: 2.5f), [1, 2, 2, 2, above, above, 3]);
        var result = Inputs.Run("robustness.numerical", input);

        Assert.Equal(3, result.Value("decision_flips", "variant=ulp_up"));
        Assert.Equal(2, result.Value("decision_flips", "variant=ulp_down"));
        Assert.Equal(0, result.Value("decision_flips", "variant=batch"));

        // The runtime set otherwise splits at 2.5: the two rows just above 2 change.
        Assert.Equal(2, result.Value("decision_flips", "variant=runtime_other"));
        Assert.Equal(2, result.Value("max_runtime_flips"));
        Assert.Equal(3, result.Value("max_decision_flips"));
        Assert.Equal(0.6, result.Value("max_abs_diff", "variant=runtime_other"), 1e-7);
        Assert.Contains("2 with another split", result.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Numerical_NoRuntime_SaysSo()
    {
        var result = Inputs.Run("robustness.numerical", Input(Stump(2), [1, 3]));
        Assert.Contains("not run by a runtime", result.Get("max_runtime_flips").Note, StringComparison.Ordinal);
    }

    /// <summary>The file's trees split at 2; what runs splits at 2.5: rows between take another path. The stored scores are those of what runs.</summary>
    [Fact]
    public void Parity_RuntimeTakesAnotherPath_CountsByHand()
    {
        float[] values = [1, 2, 2.2f, 2.4f, 3];
        var running = new Set(Stump(2.5f), "runtime_other", 2.5f) { Read = Stump(2) };
        var scores = new double[values.Length];
        running.Score(values, scores, TestContext.Current.CancellationToken);
        var table = new DataTable([.. Input(running, values).Evaluation.Columns, new Float64Column("reference", ColumnRole.ReferenceScore, scores)]);
        var result = Inputs.Run("validation.conversion_parity", Input(running, values).On(table));

        Assert.Equal(0, result.Value("max_abs_diff"), 1e-7);
        Assert.Equal(2, result.Value("path_mismatches"));
        Assert.Equal(0, Inputs.Run("validation.conversion_parity", Input(Stump(2.5f), values).On(table)).Value("path_mismatches"));
    }

    /// <summary>Normal values, cut-off 0.3: noise of σ deviations turns the decision of x with chance P(Z > |x − 0.3|/σs); the rate over all rows is near the mean of these.</summary>
    [Fact]
    public void Perturbation_LinearModel_FlipRatesInClosedForm()
    {
        var random = SplitMix64.For(8, 1);
        var values = Enumerable.Range(0, 4000).Select(_ => (float)random.NextNormal()).ToArray();
        var input = Input(new LinearScorer(["x"], [1], -0.3), values, i => i % 2);
        var result = Inputs.Run("robustness.perturbation", input);
        var mean = values.Average(v => (double)v);
        var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
        foreach (var sigma in new[] { 0.1, 0.2, 0.3, 0.4, 0.5 })
        {
            var chances = values.Select(v => Tail.UpperNormal(Math.Abs(v - 0.3) / (sigma * deviation))).ToArray();
            var error = Math.Sqrt(chances.Sum(c => c * (1 - c)) / 3) / values.Length;
            Assert.Equal(chances.Average(), result.Value("noise_decision_flip_rate", FormattableString.Invariant($"sigma={sigma}")), 4 * error);
        }

        // Missing counts as 0 in this model, which is below the cut-off, as are the median and ten ranges below; the largest plus one and ten ranges above are not.
        double low = values.Count(v => v < 0.3) / 4000.0, high = 1 - low;
        Assert.Equal(high, result.Value("missing_decision_flip_rate", "feature=x"), 1e-12);
        Assert.Equal(high, result.Value("imputed_decision_flip_rate", "feature=x"), 1e-12);
        Assert.Equal(high, result.Value("far_below_decision_flip_rate", "feature=x"), 1e-12);
        Assert.Equal(low, result.Value("unseen_decision_flip_rate", "feature=x"), 1e-12);
        Assert.Equal(low, result.Value("far_above_decision_flip_rate", "feature=x"), 1e-12);
    }

    [Fact]
    public void AlertBudget_EveryAlertRight_IntervalHasWidth()
    {
        double[] labels = [.. Enumerable.Range(0, 200).Select(i => i < 60 ? 1.0 : 0)];
        var result = Inputs.Run("validation.alert_budget", Inputs.Scored([.. labels.Select((l, i) => (l * 0.5) + (i / 500.0))], labels));
        var (precision, recall, lift) = (result.Get("precision_at_budget", "budget=0.1"), result.Get("recall_at_budget", "budget=0.1"), result.Get("lift_at_budget", "budget=0.1"));
        var wilson = Proportion.Wilson(20, 20, 0.95);

        Assert.Equal((1, wilson.Lower, wilson.Upper), (precision.Value, precision.Lower!.Value, precision.Upper!.Value));
        Assert.Equal((recall.Lower / 0.1, recall.Upper / 0.1), (lift.Lower, lift.Upper));
    }

    private static CheckInput Input(IScorer model, float[] values, Func<int, double>? label = null) => new()
    {
        Evaluation = new DataTable(
            [new Float32Column("x", ColumnRole.Feature, values), new Float64Column("label", ColumnRole.Label, Enumerable.Range(0, values.Length).Select(label ?? (i => i % 2)).ToArray())]),
        Model = model, Threshold = 0.5, FavourablePrediction = 0, ReferenceGroups = new Dictionary<string, string>(), Seed = 4,
    };

    /// <summary>Score 0.2 up to a threshold, 0.8 above it.</summary>
    private static TreeEnsemble Stump(float threshold) => new(
        ["x"], new TreeNode[] { new(BranchMode.LessOrEqual, 0, threshold, 1, 2, false, 0), new(BranchMode.Leaf, 0, 0, 1, 1, false, 0.2f), new(BranchMode.Leaf, 0, 0, 2, 2, false, 0.8f) }, new[] { 0 }, 0, TreeLink.Identity);

    /// <summary>A model that can be run under one other setting, and whose file may say something else than what runs.</summary>
    private sealed class Set(TreeEnsemble runs, string variant, float threshold) : IReadableScorer, IRuntimeVariants
    {
        /// <summary>Null when it says what runs.</summary>
        public TreeEnsemble? Read { get; init; }

        public IReadOnlyList<string> Features => runs.Features;

        public StructureReading Reading => (Read ?? runs).Reading;

        public IReadOnlyList<RuntimeVariant> Variants => [new(variant, "with another split", Stump(threshold))];

        public void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken) => runs.Score(features, scores, cancellationToken);
    }
}

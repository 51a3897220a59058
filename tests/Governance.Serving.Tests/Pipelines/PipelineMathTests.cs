using FsCheck;
using FsCheck.Fluent;
using Governance.Core.Serving;
using Governance.Serving.Pipelines;

namespace Governance.Serving.Tests.Pipelines;

/// <summary>What every pipeline keeps to, and values by Python's math.</summary>
public sealed class PipelineMathTests
{
    /// <summary>From 0 to 1, often at the ends and often equal.</summary>
    private static readonly Gen<double> Scores = Gen.OneOf(Gen.Choose(0, 1_000_000).Select(n => n / 1e6), Gen.Choose(0, 4).Select(n => n / 4.0), Gen.Constant(0.1));

    private static readonly Gen<double> Weights = Gen.OneOf(Gen.Choose(1, 1_000_000).Select(n => n / 1e3), Gen.Constant(0.0));

    private static readonly Gen<(double Score, double Weight, double Threshold)[]> Members =
        (from score in Scores from weight in Weights from threshold in Scores select (score, weight, threshold)).NonEmptyListOf().Select(m => m.Take(RoutePipeline.MostMembers + 1).ToArray());

    private static readonly Gen<PostStep> Platts = from a in Gen.Choose(1, 20_000) from b in Gen.Choose(-20_000, 20_000) select new PostStep(new Platt(-a / 1e3, b / 1e3));

    private static readonly Gen<PostStep> Isotonics =
        from x in Gen.Choose(0, 1_000).ListOf().Select(l => l.Distinct().Order().Select(n => n / 1e3).ToList()).Where(l => l.Count > 1)
        from y in Scores.ListOf(x.Count)
        select new PostStep(Isotonic: new Isotonic(x, [.. y.Order()]));

    private static readonly Gen<PostStep> Clamps = from a in Scores from b in Scores select new PostStep(Clamp: new Bounds(Math.Min(a, b), Math.Max(a, b)));

    [Theory]
    [InlineData(0.3, -2, 0.5, 0.5249791874789399)]
    [InlineData(0, -4.5, 2.25, 0.09534946489910949)]
    [InlineData(1, -4.5, 2.25, 0.9046505351008906)]
    [InlineData(0.73, -3.2, 1.1, 0.7748669890019579)]
    public void Platt_is_the_sigmoid(double score, double a, double b, double expected) =>
        Assert.Equal(expected, PipelineMath.Finish([new PostStep(new Platt(a, b))], score), 1e-15);

    [Fact]
    public void Means_lie_between_their_members() => Prop.ForAll(Members.ToArbitrary(), members =>
    {
        var scores = Array.ConvertAll(members, m => m.Score);
        var weighted = new Ensemble(EnsembleKind.Weighted, [.. members.Select(m => m.Weight)]);
        var kinds = weighted.Weights!.Any(w => w > 0) ? new[] { null, new Ensemble(EnsembleKind.Mean), weighted } : [null, new Ensemble(EnsembleKind.Mean)];
        return kinds.All(e => PipelineMath.Combine(e, scores) is var score && score >= scores.Min() && score <= scores.Max());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_weighted_mean_is_the_sum_of_the_parts() => Prop.ForAll(Members.Where(m => m.Any(x => x.Weight > 0)).ToArbitrary(), members =>
    {
        var total = members.Sum(m => (decimal)m.Weight);
        var exact = (double)members.Sum(m => (decimal)m.Weight / total * (decimal)m.Score);
        var weighted = new Ensemble(EnsembleKind.Weighted, [.. members.Select(m => m.Weight)]);
        return Math.Abs(PipelineMath.Combine(weighted, Array.ConvertAll(members, m => m.Score)) - exact) < 1e-12;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_majority_is_the_share_at_or_above_their_thresholds() => Prop.ForAll(Members.ToArbitrary(), members =>
    {
        var majority = new Ensemble(EnsembleKind.Majority, null, [.. members.Select(m => m.Threshold)]);
        return PipelineMath.Combine(majority, Array.ConvertAll(members, m => m.Score)).Equals((double)members.Count(m => m.Score >= m.Threshold) / members.Length);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_isotonic_step_goes_through_its_breakpoints() => Prop.ForAll(Isotonics.ToArbitrary(), step =>
        step.Isotonic!.X.Zip(step.Isotonic.Y).All(p => PipelineMath.Finish([step], p.First).Equals(p.Second))).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0.1, 0.2)]
    [InlineData(0.2, 0.2)]
    [InlineData(0.3, 0.25)]
    [InlineData(0.5, 0.5)]
    [InlineData(0.9, 0.7)]
    public void An_isotonic_step_is_linear_between_its_breakpoints_and_constant_beyond(double score, double expected) =>
        Assert.Equal(expected, PipelineMath.Finish([new PostStep(Isotonic: new Isotonic([0.2, 0.4, 0.6], [0.2, 0.3, 0.7]))], score), 1e-15);

    [Fact]
    public void A_clamp_done_twice_is_a_clamp_done_once() => Prop.ForAll(Clamps.ToArbitrary(), Scores.ToArbitrary(), (step, score) =>
        PipelineMath.Finish([step, step], score).Equals(PipelineMath.Finish([step], score))).QuickCheckThrowOnFailure();

    [Fact]
    public void All_steps_give_scores_and_keep_their_order() => Prop.ForAll(
        Gen.OneOf(Platts, Isotonics, Clamps).ListOf().Select(s => s.Take(RoutePipeline.MostPost).ToList()).ToArbitrary(), Scores.Two().ToArbitrary(), (steps, two) =>
        {
            var (low, high) = (PipelineMath.Finish(steps, Math.Min(two.Item1, two.Item2)), PipelineMath.Finish(steps, Math.Max(two.Item1, two.Item2)));
            return low >= 0 && low <= high && high <= 1;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_column_is_imputed_then_clipped_then_scaled_and_others_stay()
    {
        float[] features = [-999, 1, 10, 2, 900, 3];
        PipelineMath.Prepare(new FeatureStep("income", new Impute(-999, 30), new Bounds(20, 100), new Scaling(40, 10)), features, 0, 2);
        Assert.Equal([-1, 1, -2, 2, 6, 3], features);
    }

    [Fact]
    public void What_leaves_FP32_is_refused() => Assert.Equal(ScoringException.ModelFailed, Assert.Throws<ScoringException>(
        () => PipelineMath.Prepare(new FeatureStep("income", Scale: new Scaling(0, 1e-30)), new float[] { 1, 1e30f }, 0, 1)).Code);
}

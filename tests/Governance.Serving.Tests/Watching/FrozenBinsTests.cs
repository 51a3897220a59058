using FsCheck;
using FsCheck.Fluent;
using Governance.Checks.Tallies;
using Governance.Checks.Validation;
using Governance.Serving.Watching;

namespace Governance.Serving.Tests.Watching;

public sealed class FrozenBinsTests
{
    /// <summary>Few distinct values, many, and missing ones: what both ways of binning meet.</summary>
    private static readonly Gen<double> Value = Gen.Frequency(
        (6, Gen.Choose(0, 12).Select(i => i / 4.0)), (6, Gen.Choose(-2000, 2000).Select(i => i / 7.0)), (1, Gen.Constant(double.NaN)));

    private static readonly Gen<double[]> Sample = Gen.OneOf(Value.NonEmptyListOf(), Gen.Choose(0, 7).Select(i => (double)i).NonEmptyListOf()).Select(l => l.ToArray());

    [Fact]
    public void Live_traffic_has_the_index_that_the_stability_check_would_give_it() =>
        Prop.ForAll(Arb.From(Sample), Arb.From(Sample), (training, live) =>
        {
            var map = new CountMapBuilder(2);
            Array.ForEach(training, v => map.Add(v, 0));
            Array.ForEach(live, v => map.Add(v, 1));
            var expected = StabilityBins.Of(map.Build(), FrozenBins.Wanted);

            var frozen = FrozenBins.Of(training);
            var counts = new long[frozen.Count];
            Array.ForEach(live, v => counts[frozen.IndexOf(v)]++);
            var actual = frozen.Against(counts);

            return actual.Select(b => (b.Training, b.Evaluation)).SequenceEqual(expected.Select(b => (b.Training, b.Evaluation)))
                && StabilityBins.Index(actual).Equals(StabilityBins.Index(expected));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_training_never_saw_is_outside()
    {
        var bins = FrozenBins.Of([1, 2, 3, double.NaN]);
        Assert.Equal([true, false, false, true, false], new[] { 0.5, 1, 3, 3.5, double.NaN }.Select(bins.IsOutside));
        Assert.False(FrozenBins.Of([double.NaN]).IsOutside(1));
    }
}

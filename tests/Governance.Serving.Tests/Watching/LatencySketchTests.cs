using FsCheck;
using FsCheck.Fluent;
using Governance.Serving.Watching;

namespace Governance.Serving.Tests.Watching;

public sealed class LatencySketchTests
{
    private static readonly Gen<double> Microseconds = Gen.Choose(0, 7000).Select(i => Math.Exp(i / 400.0));

    [Fact]
    public void Every_quantile_is_right_to_the_stated_error() =>
        Prop.ForAll(Arb.From(Microseconds.NonEmptyListOf()), Arb.From(Gen.Choose(0, 100)), (durations, percent) =>
        {
            var buckets = new long[LatencySketch.Length];
            foreach (var duration in durations)
            {
                buckets[LatencySketch.BucketOf(TimeSpan.FromMicroseconds(duration))]++;
            }

            var sorted = durations.Order().ToList();
            var exact = TimeSpan.FromMicroseconds(sorted[(int)Math.Floor(percent / 100.0 * (sorted.Count - 1))]).TotalMicroseconds;
            var estimate = LatencySketch.Quantile(buckets, percent / 100.0)!.Value.TotalMicroseconds;

            // A TimeSpan counts tenths of a microsecond.
            return Math.Abs(estimate - exact) <= (LatencySketch.Error * exact) + 0.2;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Beyond_its_ends_it_keeps_counting()
    {
        Assert.Equal(0, LatencySketch.BucketOf(TimeSpan.Zero));
        Assert.Equal(LatencySketch.Length - 1, LatencySketch.BucketOf(TimeSpan.FromHours(1)));
        Assert.Null(LatencySketch.Quantile(new long[LatencySketch.Length], 0.5));
    }
}

using Governance.Checks;
using Governance.Checks.Validation;
using Governance.Data;
using Governance.Models;

namespace Governance.Jobs.Tests;

public sealed class InMemoryMapReduceTests
{
    private static readonly DiscriminationCheck Check = new DiscriminationCheck();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(10_000, 2)]
    public async Task Run_AnyShards_SameDigestAndEveryShardReported(int shards, int parallelism)
    {
        var alone = Check.Reduce(Input(), [Check.Map(Input(), new RowRange(0, 500), TestContext.Current.CancellationToken)], TestContext.Current.CancellationToken);
        var seen = new Seen();
        var result = await new InMemoryMapReduce(parallelism).RunAsync(Check, Input(), shards, seen, TestContext.Current.CancellationToken);

        Assert.Equal(alone.ComputeDigest(), result.ComputeDigest());
        var total = Math.Min(shards, 500);
        Assert.Equal(Enumerable.Range(1, total), seen.Reports.Select(r => r.ShardsDone).Order());
        Assert.All(seen.Reports, r => Assert.Equal(("validation.discrimination", total), (r.Check, r.Shards)));
    }

    [Fact]
    public async Task Run_NotApplicable_SaysWhy()
    {
        var refused = await Assert.ThrowsAsync<CheckNotApplicableException>(
            () => new InMemoryMapReduce().RunAsync(new ConversionParityCheck(), Input(), 2, null, TestContext.Current.CancellationToken));
        Assert.Contains("reference score", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        var cancelAfterFirst = new Seen(source.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new InMemoryMapReduce(1).RunAsync(Check, Input(), 50, cancelAfterFirst, source.Token));
        Assert.InRange(cancelAfterFirst.Reports.Count, 1, 49);
    }

    [Fact]
    public void Constructor_NoParallelism_Refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new InMemoryMapReduce(0));

    [Theory]
    [InlineData(0, 4)]
    [InlineData(3, 4)]
    [InlineData(1000, 7)]
    public void Split_CoversEveryRowOnce(int rows, int shards)
    {
        var next = 0;
        foreach (var range in RowRange.Split(rows, shards))
        {
            Assert.Equal(next, range.Start);
            next += range.Count;
        }

        Assert.Equal(rows, next);
    }

    private static CheckInput Input()
    {
        var x = Enumerable.Range(0, 500).Select(i => (float)(i * 37 % 101) / 101).ToArray();
        return new CheckInput
        {
            Evaluation = new DataTable([new Float32Column("x", ColumnRole.Feature, x), new Float64Column("label", ColumnRole.Label, x.Select((v, i) => i % 3 == 0 || v > 0.7 ? 1.0 : 0).ToArray())]),
            Model = new Identity(),
            Threshold = 0.5,
            FavourablePrediction = 0,
            ReferenceGroups = new Dictionary<string, string>(),
        };
    }

    private sealed class Identity : IScorer
    {
        public IReadOnlyList<string> Features { get; } = ["x"];

        public void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken)
        {
            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = features[i];
            }
        }
    }

    /// <summary>Reports at once, on the calling thread, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Seen(Action? then = null) : IProgress<ShardProgress>
    {
        public List<ShardProgress> Reports { get; } = [];

        public void Report(ShardProgress value)
        {
            lock (Reports)
            {
                Reports.Add(value);
            }

            then?.Invoke();
        }
    }
}

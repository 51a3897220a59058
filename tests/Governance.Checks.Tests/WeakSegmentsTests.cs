using Governance.Checks.Statistics;
using Governance.Checks.Tests.Support;
using Governance.Data;

namespace Governance.Checks.Tests;

public sealed class WeakSegmentsTests
{
    /// <summary>Labels follow the score but for rows with the flag, where they are a coin: that segment, and no other, is weak.</summary>
    [Fact]
    public void Segment_WithoutSignal_IsNamed()
    {
        var result = Inputs.Run("validation.weak_segments", Input(flagHasSignal: false));
        Assert.Equal(1, result.Value("weak_segments"));
        Assert.InRange(result.Value("min_segment_auc"), 0.42, 0.58);
        Assert.Contains("the worst is flag: above 0 with", result.Summary, StringComparison.Ordinal);
        Assert.True(result.Get("segment_auc_difference", "flag: above 0").AdjustedPValue < 1e-4);
    }

    [Fact]
    public void Segments_AllAlike_NoneIsWeak() =>
        Assert.Equal(0, Inputs.Run("validation.weak_segments", Input(flagHasSignal: true)).Value("weak_segments"));

    private static CheckInput Input(bool flagHasSignal)
    {
        const int Rows = 2000;
        var random = SplitMix64.For(8, 1);
        float[] x = new float[Rows], flag = new float[Rows], other = new float[Rows];
        var label = new double[Rows];
        for (var i = 0; i < Rows; i++)
        {
            x[i] = (float)random.NextNormal();
            flag[i] = i % 4 == 0 ? 1 : 0;
            other[i] = (float)random.NextNormal();
            var p = flag[i] == 1 && !flagHasSignal ? 0.5 : 1 / (1 + Math.Exp(-2 * x[i]));
            label[i] = random.NextUniform() < p ? 1 : 0;
        }

        return new CheckInput
        {
            Evaluation = new DataTable(
            [
                new Float32Column("x", ColumnRole.Feature, x), new Float32Column("flag", ColumnRole.Feature, flag), new Float32Column("other", ColumnRole.Feature, other),
                new Float64Column("label", ColumnRole.Label, label),
            ]),
            Model = new Reading("x", ["flag", "other", "x"]),
            Threshold = 0.5,
            FavourablePrediction = 0,
            ReferenceGroups = new Dictionary<string, string>(),
        };
    }

    /// <summary>Scores by one of its features.</summary>
    private sealed class Reading(string feature, string[] all) : Models.IScorer
    {
        public IReadOnlyList<string> Features { get; } = all;

        public void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken)
        {
            var at = Features.ToList().IndexOf(feature);
            for (var r = 0; r < scores.Length; r++)
            {
                scores[r] = 1 / (1 + Math.Exp(-2 * features[(r * Features.Count) + at]));
            }
        }
    }
}

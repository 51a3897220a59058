using Governance.Checks.Validation;

namespace Governance.Serving.Watching;

/// <summary>A population stability index of live traffic against training.</summary>
/// <param name="Variable">The feature; <c>score</c> for the score.</param>
/// <param name="Index">Sum of (a − e)·ln(a / e) over the frozen bins.</param>
/// <param name="Critical">What chance exceeds in 5 of 100 samples of this size.</param>
/// <param name="Outside">Share of rows outside what training saw.</param>
public readonly record struct DriftFigure(string Variable, double Index, double Critical, double Outside);

/// <summary>What is known of an arm's traffic in a window. Immutable; shares are 0 to 1 and null of nothing.</summary>
public sealed record ArmFigures
{
    /// <summary>Shares and distributions of fewer rows are not given out: they could be about one person.</summary>
    public const int FewestRows = 20;

    public required ArmKey Arm { get; init; }

    public required long Requests { get; init; }

    public required long Rows { get; init; }

    public required long Refused { get; init; }

    public required long Failed { get; init; }

    public double? AdverseRate { get; init; }

    public double? FailureRate { get; init; }

    public double? RefusalRate { get; init; }

    /// <summary>Half, nine tenths and 99 of 100 are answered within; right to 2 %.</summary>
    public TimeSpan? Median { get; init; }

    public TimeSpan? P90 { get; init; }

    public TimeSpan? P99 { get; init; }

    public double? ScoreMean { get; init; }

    /// <summary>The score first; empty below <see cref="FewestRows"/> or without a profile.</summary>
    public IReadOnlyList<DriftFigure> Drift { get; init; } = [];

    public static ArmFigures Of(ArmKey arm, WatchProfile? profile, WindowCounts counts)
    {
        var asked = counts.Requests + counts.Refused + counts.Failed;
        var enough = counts.Rows >= FewestRows;
        return new ArmFigures
        {
            Arm = arm,
            Requests = counts.Requests,
            Rows = counts.Rows,
            Refused = counts.Refused,
            Failed = counts.Failed,
            AdverseRate = enough ? (double)counts.Adverse / counts.Rows : null,
            FailureRate = asked > 0 ? (double)counts.Failed / asked : null,
            RefusalRate = asked > 0 ? (double)counts.Refused / asked : null,
            Median = LatencySketch.Quantile(counts.Latency, 0.5),
            P90 = LatencySketch.Quantile(counts.Latency, 0.9),
            P99 = LatencySketch.Quantile(counts.Latency, 0.99),
            ScoreMean = enough ? Mean(counts.Scores) : null,
            Drift = enough && profile is not null && counts.Bins.Length == profile.Score.Count + profile.Bins.Sum(b => b.Count) ? [.. DriftOf(profile, counts)] : [],
        };
    }

    private static IEnumerable<DriftFigure> DriftOf(WatchProfile profile, WindowCounts counts)
    {
        yield return Figure("score", profile.Score, 0, 0);
        var offset = profile.Score.Count;
        for (var f = 0; f < profile.Bins.Count; f++)
        {
            yield return Figure(profile.Features[f], profile.Bins[f], offset, counts.Outside[f]);
            offset += profile.Bins[f].Count;
        }

        DriftFigure Figure(string variable, FrozenBins bins, int at, long outside)
        {
            var live = counts.Bins.AsSpan(at, bins.Count);
            long rows = 0;
            foreach (var count in live)
            {
                rows += count;
            }

            var compared = bins.Against(live);
            return rows == 0
                ? new DriftFigure(variable, 0, 0, 0)
                : new DriftFigure(variable, StabilityBins.Index(compared), StabilityBins.CriticalValue(compared), (double)outside / rows);
        }
    }

    /// <summary>From the middles of the bins: right to half a hundredth.</summary>
    private static double Mean(long[] scores) => scores.Select((n, i) => n * (i + 0.5) / scores.Length).Sum() / scores.Sum();
}

using Governance.Serving.Protocol;

namespace Governance.Serving.Watching;

/// <summary>Counts of one arm of a route in a span of time. Adds up: merging windows is adding them. Not thread-safe.</summary>
public sealed class WindowCounts
{
    /// <summary>Bins of equal width over [0, 1]: quantiles of the score are right to half a hundredth.</summary>
    public const int ScoreBins = 100;

    public long Requests { get; set; }

    public long Rows { get; set; }

    public long Adverse { get; set; }

    /// <summary>Requests that policy refused.</summary>
    public long Refused { get; set; }

    /// <summary>Requests that failed.</summary>
    public long Failed { get; set; }

    /// <summary>Rows by score.</summary>
    public long[] Scores { get; init; } = new long[ScoreBins];

    /// <summary>Requests by duration; see <see cref="LatencySketch"/>.</summary>
    public long[] Latency { get; init; } = new long[LatencySketch.Length];

    /// <summary>Rows by frozen bin: first the score's, then each feature's. Empty while the version has no profile.</summary>
    public long[] Bins { get; set; } = [];

    /// <summary>By feature, rows outside what training saw. Empty while the version has no profile.</summary>
    public long[] Outside { get; set; } = [];

    /// <summary>Rows by protected group; null when no caller gave one.</summary>
    public GroupCounts? Groups { get; set; }

    public bool IsEmpty => Requests + Refused + Failed == 0;

    public void Add(WindowCounts other)
    {
        Requests += other.Requests;
        Rows += other.Rows;
        Adverse += other.Adverse;
        Refused += other.Refused;
        Failed += other.Failed;
        Sum(Scores, other.Scores);
        Sum(Latency, other.Latency);
        Bins = Joined(Bins, other.Bins);
        Outside = Joined(Outside, other.Outside);
        if (other.Groups is { } groups)
        {
            (Groups ??= new GroupCounts()).Add(groups);
        }
    }

    internal void Count(WatchProfile? profile, ReadOnlySpan<float> features, ReadOnlySpan<double> scores, ReadOnlySpan<string> decisions, CallGroups? groups, TimeSpan elapsed)
    {
        Requests++;
        Rows += scores.Length;
        Latency[LatencySketch.BucketOf(elapsed)]++;
        for (var row = 0; row < scores.Length; row++)
        {
            Scores[Math.Clamp((int)(scores[row] * ScoreBins), 0, ScoreBins - 1)]++;
            Adverse += decisions[row] == Decisions.Adverse ? 1 : 0;
        }

        if (groups is not null)
        {
            (Groups ??= new GroupCounts()).Count(groups, decisions);
        }

        if (profile is not null && features.Length == scores.Length * profile.Bins.Count)
        {
            CountBins(profile, features, scores);
        }
    }

    private void CountBins(WatchProfile profile, ReadOnlySpan<float> features, ReadOnlySpan<double> scores)
    {
        if (Bins.Length == 0)
        {
            Bins = new long[profile.Score.Count + profile.Bins.Sum(b => b.Count)];
            Outside = new long[profile.Bins.Count];
        }

        var at = 0;
        for (var row = 0; row < scores.Length; row++)
        {
            Bins[profile.Score.IndexOf(scores[row])]++;
            var offset = profile.Score.Count;
            for (var f = 0; f < profile.Bins.Count; f++)
            {
                var (bins, value) = (profile.Bins[f], (double)features[at++]);
                Bins[offset + bins.IndexOf(value)]++;
                Outside[f] += bins.IsOutside(value) ? 1 : 0;
                offset += bins.Count;
            }
        }
    }

    private static long[] Joined(long[] left, long[] right)
    {
        if (right.Length == 0)
        {
            return left;
        }

        var sum = left.Length == right.Length ? left : new long[right.Length];
        Sum(sum, right);
        return sum;
    }

    private static void Sum(long[] into, long[] from)
    {
        for (var i = 0; i < into.Length; i++)
        {
            into[i] += from[i];
        }
    }
}

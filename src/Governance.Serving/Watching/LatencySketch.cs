namespace Governance.Serving.Watching;

/// <summary>
/// Durations in buckets that grow by a constant factor, so that any quantile has a relative error of at most <see cref="Error"/> (DDSketch: Masson,
/// Rim and Lee, VLDB 2019). From a microsecond to two minutes; beyond, the outermost bucket. Sums of sketches are sketches of the sums.
/// </summary>
public static class LatencySketch
{
    /// <summary>Relative error of quantiles: 2 %.</summary>
    public const double Error = 0.02;

    private const double Factor = (1 + Error) / (1 - Error);
    private const double LongestMicroseconds = 120e6;
    private static readonly double Scale = 1 / Math.Log(Factor);

    /// <summary>Number of buckets.</summary>
    public static int Length { get; } = (int)Math.Ceiling(Math.Log(LongestMicroseconds) * Scale) + 1;

    public static int BucketOf(TimeSpan duration) =>
        duration.TotalMicroseconds <= 1 ? 0 : Math.Min(Length - 1, (int)Math.Ceiling(Math.Log(duration.TotalMicroseconds) * Scale));

    /// <summary>The duration below which a share of all lies; null without any.</summary>
    /// <param name="quantile">0 to 1.</param>
    public static TimeSpan? Quantile(ReadOnlySpan<long> buckets, double quantile)
    {
        long total = 0;
        foreach (var count in buckets)
        {
            total += count;
        }

        if (total == 0)
        {
            return null;
        }

        var rank = (long)Math.Floor(quantile * (total - 1));
        long seen = 0;
        var bucket = 0;
        while ((seen += buckets[bucket]) <= rank)
        {
            bucket++;
        }

        return TimeSpan.FromMicroseconds(bucket == 0 ? 1 : 2 * Math.Pow(Factor, bucket) / (Factor + 1));
    }
}

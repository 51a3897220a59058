namespace Governance.Benchmarks.Serving;

/// <summary>Latencies in log-linear buckets: 64 to each power of two of a microsecond, so a percentile is off by at most 1.6 %. Not thread-safe.</summary>
internal sealed class LatencyHistogram
{
    private const int Steps = 64;
    private readonly long[] counts = new long[Steps * 40];

    public long Count { get; private set; }

    public void Add(TimeSpan latency)
    {
        counts[Bucket(Math.Max(1, latency.TotalMicroseconds))]++;
        Count++;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] += other.counts[i];
        }

        Count += other.Count;
    }

    /// <returns>The upper edge, in milliseconds, of the bucket that holds the percentile; 0 when nothing was added.</returns>
    public double Percentile(double percent)
    {
        var rank = (long)Math.Ceiling(percent / 100 * Count);
        long seen = 0;
        for (var i = 0; i < counts.Length && Count > 0; i++)
        {
            seen += counts[i];
            if (seen >= rank)
            {
                return Math.Pow(2, (double)(i + 1) / Steps) / 1000;
            }
        }

        return 0;
    }

    private int Bucket(double microseconds) => Math.Min(counts.Length - 1, (int)(Math.Log2(microseconds) * Steps));
}

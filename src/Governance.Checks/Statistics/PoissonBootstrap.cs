namespace Governance.Checks.Statistics;

/// <summary>
/// Percentile intervals by the Poisson bootstrap: each row enters a replicate Poisson(1) times (Chamandy et al. 2012). Rows of equal score and label are
/// exchangeable, so weights are drawn along the sorted counts from a stream of the seed and the replicate: the same for any split of the rows.
/// </summary>
public static class PoissonBootstrap
{
    // P(Poisson(1) <= k) as fractions of 2^64, k = 0..18; beyond is less than 2^-57.
    private static readonly ulong[] Cumulative = BuildCumulative();

    // The weight by the first byte of a draw; Undecided where a step of the distribution lies within the byte.
    private static readonly byte[] ByFirstByte = BuildByFirstByte();

    /// <summary>One interval per statistic; null where fewer than nine in ten replicates have a finite value.</summary>
    /// <param name="statistics">From the same replicate, all values at once; the counts it is given are overwritten by another replicate once it returns.</param>
    public static Interval?[] Intervals(ScoreCounts counts, Func<ScoreCounts, double[]> statistics, int replicates, long seed, double level,
        CancellationToken cancellationToken)
    {
        var draws = new double[replicates][];
        Parallel.For(0, replicates, new ParallelOptions { CancellationToken = cancellationToken },
            () => (Negatives: new long[counts.Scores.Length], Positives: new long[counts.Scores.Length]),
            (r, _, buffers) =>
            {
                var random = SplitMix64.For(seed, StreamId, r);
                Draw(counts.Negatives, buffers.Negatives, ref random);
                Draw(counts.Positives, buffers.Positives, ref random);
                draws[r] = statistics(new ScoreCounts(counts.Scores, buffers.Negatives, buffers.Positives));
                return buffers;
            },
            _ => { });
        return [.. Enumerable.Range(0, draws[0].Length).Select(s => Percentiles([.. draws.Select(d => d[s])], level))];
    }

    /// <summary>
    /// The same for a table of counts: rows of one cell are exchangeable, and the weights of n of them add up to a Poisson number of mean n, which is
    /// drawn at once. Cost does not depend on the number of rows.
    /// </summary>
    public static Interval?[] IntervalsOfCells(IReadOnlyList<long> cells, Func<long[], double[]> statistics, int replicates, long seed, double level, CancellationToken cancellationToken)
    {
        var draws = new double[replicates][];
        for (var r = 0; r < replicates; r++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var random = SplitMix64.For(seed, CellStreamId, r);
            var resampled = new long[cells.Count];
            for (var c = 0; c < resampled.Length; c++)
            {
                resampled[c] = random.NextPoisson(cells[c]);
            }

            draws[r] = statistics(resampled);
        }

        return [.. Enumerable.Range(0, draws[0].Length).Select(s => Percentiles([.. draws.Select(d => d[s])], level))];
    }

    /// <summary>
    /// The same from whole rows: a row's weight in a replicate comes from the seed, the replicate and the row, so it does not depend on which rows stand beside it.
    /// </summary>
    /// <param name="statistics">From the weight of every row, all values at once.</param>
    public static Interval?[] Intervals(int rows, Func<int[], double[]> statistics, int replicates, long seed, double level, CancellationToken cancellationToken)
    {
        var draws = new double[replicates][];
        Parallel.For(0, replicates, new ParallelOptions { CancellationToken = cancellationToken }, r =>
        {
            var weights = new int[rows];
            for (var i = 0; i < rows; i++)
            {
                var random = SplitMix64.For(seed, StreamId, r, i);
                weights[i] = (int)Draw(1, ref random);
            }

            draws[r] = statistics(weights);
        });
        return [.. Enumerable.Range(0, draws[0].Length).Select(s => Percentiles([.. draws.Select(d => d[s])], level))];
    }

    private const int StreamId = 0x424F4F54;
    private const int CellStreamId = 0x43454C4C;
    private const byte Undecided = byte.MaxValue;

    private static void Draw(long[] rows, long[] weights, ref SplitMix64 random)
    {
        var stream = random;
        for (var i = 0; i < rows.Length; i++)
        {
            weights[i] = rows[i] == 0 ? 0 : Draw(rows[i], ref stream);
        }

        random = stream;
    }

    private static long Draw(long rows, ref SplitMix64 random)
    {
        var weight = 0L;
        for (; rows > 0; rows--)
        {
            var u = random.Next();
            int k = ByFirstByte[u >> 56];
            weight += k < Undecided ? k : Search(u);
        }

        return weight;
    }

    private static int Search(ulong u)
    {
        var k = 0;
        while (k < Cumulative.Length && u >= Cumulative[k])
        {
            k++;
        }

        return k;
    }

    private static Interval? Percentiles(double[] values, double level)
    {
        var finite = values.Where(double.IsFinite).Order().ToArray();
        if (finite.Length < 0.9 * values.Length)
        {
            return null;
        }

        var tail = (1 - level) / 2;
        return new Interval(Quantile(finite, tail), Quantile(finite, 1 - tail), level, $"Poisson bootstrap ({values.Length})");
    }

    private static double Quantile(double[] sorted, double q)
    {
        var position = q * (sorted.Length - 1);
        var low = (int)position;
        return low + 1 < sorted.Length ? sorted[low] + ((position - low) * (sorted[low + 1] - sorted[low])) : sorted[low];
    }

    private static ulong[] BuildCumulative()
    {
        var cumulative = new ulong[19];
        decimal sum = 0, term = 0.3678794411714423215955237702m;
        for (var k = 0; k < cumulative.Length; k++)
        {
            sum += term;
            term /= k + 1;
            cumulative[k] = (ulong)(sum * 18446744073709551615m);
        }

        return cumulative;
    }

    private static byte[] BuildByFirstByte()
    {
        var weights = new byte[256];
        for (var first = 0; first < weights.Length; first++)
        {
            var (low, high) = (Search((ulong)first << 56), Search(((ulong)first << 56) | (ulong.MaxValue >> 8)));
            weights[first] = low == high ? (byte)low : Undecided;
        }

        return weights;
    }
}

using System.Numerics;
using Governance.Checks.Statistics;

namespace Governance.Checks.Fairness;

/// <summary>Rows described by allowed values of each attribute. Immutable.</summary>
internal sealed record Subgroup(double Score, bool[][] Allowed)
{
    public bool Contains(int[][] codes, int row)
    {
        for (var d = 0; d < codes.Length; d++)
        {
            if (!Allowed[d][codes[d][row]])
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>The subset scan in one direction, for many sets of outcomes of the same rows. Thread-safe.</summary>
internal sealed class SubsetScan
{
    private const int Odds = 16;
    private readonly int[][] codes;
    private readonly int[] sizes;

    // For each row and each q: what the row adds when it belongs to the subgroup, −log(1 − p + q·p), and log q more when its event came.
    private readonly double[] without;
    private readonly double[] with;

    public SubsetScan(double[] scores, int[][] codes, int[] sizes, bool more)
    {
        this.codes = codes;
        this.sizes = sizes;
        (without, with) = (new double[scores.Length * Odds], new double[scores.Length * Odds]);
        for (var row = 0; row < scores.Length; row++)
        {
            for (var q = 0; q < Odds; q++)
            {
                var logOdds = (more ? 1 : -1) * (q + 1) * 0.15;
                without[(row * Odds) + q] = -Math.Log(1 - scores[row] + (Math.Exp(logOdds) * scores[row]));
                with[(row * Odds) + q] = logOdds + without[(row * Odds) + q];
            }
        }
    }

    public Subgroup Search(bool[] labels, long seed, int restarts)
    {
        var best = Ascend(labels, [.. sizes.Select(s => Enumerable.Repeat(true, s).ToArray())]);
        for (var r = 1; r < restarts; r++)
        {
            var random = SplitMix64.For(seed, 0x5253, r);
            var start = new bool[sizes.Length][];
            for (var d = 0; d < start.Length; d++)
            {
                start[d] = new bool[sizes[d]];
                for (var v = 0; v < sizes[d]; v++)
                {
                    start[d][v] = random.NextBelow(2) == 0;
                }

                start[d][random.NextBelow(sizes[d])] = true;
            }

            var found = Ascend(labels, start);
            best = found.Score > best.Score ? found : best;
        }

        return best;
    }

    private Subgroup Ascend(bool[] labels, bool[][] allowed)
    {
        // How many attributes shut each row out.
        var shut = new int[labels.Length];
        for (var d = 0; d < sizes.Length; d++)
        {
            Count(shut, d, allowed[d], 1);
        }

        var score = 0.0;
        for (var unchanged = 0; unchanged < sizes.Length;)
        {
            for (var d = 0; d < sizes.Length && unchanged < sizes.Length; d++)
            {
                Count(shut, d, allowed[d], -1);
                var (value, values) = Best(labels, shut, d);
                var better = value > score + 1e-9;
                (score, allowed[d], unchanged) = better ? (value, values, 0) : (score, allowed[d], unchanged + 1);
                Count(shut, d, allowed[d], 1);
            }
        }

        return new Subgroup(score, allowed);
    }

    private void Count(int[] shut, int dimension, bool[] values, int step)
    {
        var own = codes[dimension];
        for (var r = 0; r < shut.Length; r++)
        {
            shut[r] += values[own[r]] ? 0 : step;
        }
    }

    /// <summary>The best values of one attribute among the rows that no other shuts out: for each q those whose own gain is positive.</summary>
    private (double Score, bool[] Values) Best(bool[] labels, int[] shut, int dimension)
    {
        var gains = new double[sizes[dimension] * Odds];
        var own = codes[dimension];
        for (var row = 0; row < labels.Length; row++)
        {
            if (shut[row] == 0)
            {
                var gain = (labels[row] ? with : without).AsSpan(row * Odds, Odds);
                var into = gains.AsSpan(own[row] * Odds, Odds);
                for (var i = 0; i < Odds; i += Vector<double>.Count)
                {
                    (new Vector<double>(into[i..]) + new Vector<double>(gain[i..])).CopyTo(into[i..]);
                }
            }
        }

        var (best, at) = (0.0, -1);
        for (var q = 0; q < Odds; q++)
        {
            var sum = 0.0;
            for (var v = 0; v < sizes[dimension]; v++)
            {
                sum += Math.Max(0, gains[(v * Odds) + q]);
            }

            (best, at) = sum > best ? (sum, q) : (best, at);
        }

        return (best, [.. Enumerable.Range(0, sizes[dimension]).Select(v => at >= 0 && gains[(v * Odds) + at] > 0)]);
    }
}

using Governance.Checks.Tallies;

namespace Governance.Checks.Statistics;

/// <summary>Size, mean and variance (divisor n − 1; 0 for one row) of scores, NaN left out. Immutable.</summary>
public readonly record struct ScoreSample(long Rows, double Mean, double Variance)
{
    /// <summary>Over all columns of a map, in ascending order of keys.</summary>
    public static ScoreSample Of(CountMap map)
    {
        var known = Enumerable.Range(0, map.Length).Where(i => !double.IsNaN(map.Key(i))).ToArray();
        long Count(int i) => Enumerable.Range(0, map.Width).Sum(c => map.Count(i, c));
        var rows = known.Sum(Count);
        if (rows == 0)
        {
            return default;
        }

        var mean = known.Sum(i => Count(i) * map.Key(i)) / rows;
        var squares = known.Sum(i => Count(i) * (map.Key(i) - mean) * (map.Key(i) - mean));
        return new ScoreSample(rows, mean, rows > 1 ? squares / (rows - 1) : 0);
    }

    /// <summary>Variance (divisor n) of all samples together.</summary>
    public static double Pooled(IReadOnlyList<ScoreSample> samples)
    {
        double rows = samples.Sum(s => s.Rows), mean = samples.Sum(s => s.Rows * s.Mean) / rows;
        return samples.Sum(s => ((s.Rows - 1) * s.Variance) + (s.Rows * (s.Mean - mean) * (s.Mean - mean))) / rows;
    }
}

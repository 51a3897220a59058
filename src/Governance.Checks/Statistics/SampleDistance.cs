using Governance.Checks.Tallies;

namespace Governance.Checks.Statistics;

/// <summary>How far two samples lie apart. Distances are NaN when a sample has no value. Immutable.</summary>
/// <param name="PValue">Asymptotic two-sided p-value of the Kolmogorov–Smirnov distance.</param>
/// <param name="TrainingDeviation">Standard deviation of the first sample, divisor n.</param>
public sealed record SampleDistance(
    double KolmogorovSmirnov, double PValue, double Wasserstein, double TrainingDeviation, long Training, long Evaluation, long TrainingMissing, long EvaluationMissing)
{
    /// <param name="values">Two columns: first and second sample; NaN is missing.</param>
    public static SampleDistance Of(CountMap values)
    {
        var known = values.Length > 0 && double.IsNaN(values.Key(values.Length - 1)) ? values.Length - 1 : values.Length;
        long missing0 = known < values.Length ? values.Count(known, 0) : 0, missing1 = known < values.Length ? values.Count(known, 1) : 0;
        long n = values.Total(0) - missing0, m = values.Total(1) - missing1;
        if (n == 0 || m == 0)
        {
            return new SampleDistance(double.NaN, double.NaN, double.NaN, double.NaN, n, m, missing0, missing1);
        }

        double largest = 0, area = 0, mean = 0, squares = 0;
        long seen0 = 0, seen1 = 0;
        for (var i = 0; i < known; i++)
        {
            mean += values.Count(i, 0) * (values.Key(i) / n);
        }

        for (var i = 0; i < known; i++)
        {
            seen0 += values.Count(i, 0);
            seen1 += values.Count(i, 1);
            var gap = Math.Abs(((double)seen0 / n) - ((double)seen1 / m));
            largest = Math.Max(largest, gap);
            area += i + 1 < known ? gap * (values.Key(i + 1) - values.Key(i)) : 0;
            squares += values.Count(i, 0) * (values.Key(i) - mean) * (values.Key(i) - mean);
        }

        var p = Tail.Kolmogorov(largest * Math.Sqrt((double)n * m / (n + m)));
        return new SampleDistance(largest, p, area, Math.Sqrt(squares / n), n, m, missing0, missing1);
    }
}

namespace Governance.Checks.Statistics;

/// <summary>
/// The mean of rows that stand for more than themselves: <c>Σwx / Σw</c>, with the linearised standard error of a ratio of two totals
/// (Särndal, Swensson and Wretman 1992, section 5.6) for rows drawn independently. Equal weights give the plain mean and its usual standard error.
/// </summary>
/// <param name="Value">NaN without rows.</param>
/// <param name="StandardError">NaN with fewer than two rows.</param>
/// <param name="Rows">Rows counted, each once.</param>
public readonly record struct WeightedMean(double Value, double StandardError, long Rows)
{
    /// <summary>Sums in the order given.</summary>
    /// <param name="weights">Above zero, as many as values; their scale does not matter.</param>
    public static WeightedMean Of(ReadOnlySpan<double> values, ReadOnlySpan<double> weights)
    {
        double sum = 0, total = 0, squares = 0;
        for (var i = 0; i < values.Length; i++)
        {
            sum += weights[i] * values[i];
            total += weights[i];
        }

        var mean = sum / total;
        for (var i = 0; i < values.Length; i++)
        {
            var deviation = weights[i] * (values[i] - mean);
            squares += deviation * deviation;
        }

        return new WeightedMean(mean, Math.Sqrt(squares * values.Length / (values.Length - 1.0)) / total, values.Length);
    }

    /// <summary>Normal interval, cut to the bounds; null where there is no standard error.</summary>
    public Interval? Interval(double level, double minimum = double.NegativeInfinity, double maximum = double.PositiveInfinity) =>
        double.IsFinite(StandardError) ? Statistics.Interval.Around(Value, StandardError, level, "normal, linearised", minimum, maximum) : null;
}

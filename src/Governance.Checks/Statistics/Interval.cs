using MathNet.Numerics.Distributions;

namespace Governance.Checks.Statistics;

/// <summary>A two-sided confidence interval. Immutable.</summary>
/// <param name="Lower">Lower bound.</param>
/// <param name="Upper">Upper bound.</param>
/// <param name="Level">Nominal coverage, e.g. 0.95.</param>
/// <param name="Method">How it was made: <c>Wilson</c>, <c>DeLong</c>.</param>
public readonly record struct Interval(double Lower, double Upper, double Level, string Method)
{
    /// <summary>The standard normal quantile that leaves <c>(1 - level) / 2</c> in each tail.</summary>
    public static double CriticalValue(double level) => Normal.InvCDF(0, 1, 0.5 + (level / 2));

    /// <summary>
    /// A percentile interval turned about the estimate (basic bootstrap; Davison and Hinkley 1997, section 5.2.1), cut to <c>[minimum, maximum]</c>. For a maximum over
    /// the data, such as KS: resampling raises it as sampling did, so its percentiles lie too high by twice the bias, and turned about the estimate they take it out.
    /// </summary>
    public Interval Turned(double estimate, double minimum, double maximum) => new(
        Math.Clamp((2 * estimate) - Upper, minimum, maximum), Math.Clamp((2 * estimate) - Lower, minimum, maximum), Level, Method + ", turned about the estimate");

    /// <summary><c>estimate ± z·se</c>, cut to <c>[minimum, maximum]</c>.</summary>
    public static Interval Around(double estimate, double standardError, double level, string method,
        double minimum = double.NegativeInfinity, double maximum = double.PositiveInfinity)
    {
        var half = CriticalValue(level) * standardError;
        return new Interval(Math.Max(minimum, estimate - half), Math.Min(maximum, estimate + half), level, method);
    }

    /// <summary>
    /// <c>mean ± t·s/√n</c> of a few replicates (Student 1908). Covers the randomness of the replicates only.
    /// Null with fewer than two replicates.
    /// </summary>
    public static Interval? OfReplicates(IReadOnlyList<double> values, double level)
    {
        if (values.Count < 2)
        {
            return null;
        }

        var mean = values.Average();
        var half = StudentT.InvCDF(0, 1, values.Count - 1, 0.5 + (level / 2)) * StandardDeviation(values) / Math.Sqrt(values.Count);
        return new Interval(mean - half, mean + half, level, $"Student t over {values.Count} replicates");
    }

    /// <summary>Sample standard deviation, divisor n − 1; NaN with fewer than two values.</summary>
    public static double StandardDeviation(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
    }
}

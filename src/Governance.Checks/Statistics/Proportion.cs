using MathNet.Numerics.Distributions;

namespace Governance.Checks.Statistics;

/// <summary>Intervals for proportions, their differences and their ratios. Counts are not negative and a total is at least 1.</summary>
public static class Proportion
{
    /// <summary>Wilson's score interval (Wilson 1927), without continuity correction.</summary>
    public static Interval Wilson(long successes, long total, double level) => Wilson((double)successes / total, total, level);

    /// <inheritdoc cref="Wilson(long, long, double)"/>
    /// <param name="rate">Observed proportion.</param>
    /// <param name="total">Effective number of independent trials.</param>
    public static Interval Wilson(double rate, double total, double level)
    {
        var z = Interval.CriticalValue(level);
        var z2 = z * z;
        var centre = (rate + (z2 / (2 * total))) / (1 + (z2 / total));
        var half = z / (1 + (z2 / total)) * Math.Sqrt((rate * (1 - rate) / total) + (z2 / (4 * total * total)));
        return new Interval(
            rate <= 0 ? 0 : Math.Max(0, centre - half), rate >= 1 ? 1 : Math.Min(1, centre + half), level, "Wilson");
    }

    /// <summary>Exact interval from the binomial distribution (Clopper and Pearson 1934).</summary>
    public static Interval ClopperPearson(long successes, long total, double level)
    {
        var tail = (1 - level) / 2;
        var lower = successes == 0 ? 0 : Beta.InvCDF(successes, total - successes + 1, tail);
        var upper = successes == total ? 1 : Beta.InvCDF(successes + 1, total - successes, 1 - tail);
        return new Interval(lower, upper, level, "Clopper-Pearson");
    }

    /// <summary>Difference of two independent proportions, first minus second: hybrid score interval (Newcombe 1998, method 10).</summary>
    public static Interval Newcombe(long successes1, long total1, long successes2, long total2, double level)
    {
        var p1 = (double)successes1 / total1;
        var p2 = (double)successes2 / total2;
        var w1 = Wilson(successes1, total1, level);
        var w2 = Wilson(successes2, total2, level);
        var difference = p1 - p2;
        return new Interval(
            difference - Math.Sqrt(Square(p1 - w1.Lower) + Square(w2.Upper - p2)),
            difference + Math.Sqrt(Square(w1.Upper - p1) + Square(p2 - w2.Lower)),
            level, "Newcombe");
    }

    /// <summary>
    /// Ratio of two independent proportions, first over second, on the log scale (Katz et al. 1978). With no success on either side
    /// half a success and half a trial are added to both (Walter 1975). Null when the second has no successes and the ratio no value.
    /// </summary>
    public static Interval? Katz(long successes1, long total1, long successes2, long total2, double level)
    {
        if (successes2 == 0)
        {
            return null;
        }

        var add = successes1 == 0 ? 0.5 : 0;
        double a = successes1 + add, n1 = total1 + add, b = successes2 + add, n2 = total2 + add;
        var logRatio = Math.Log(a / n1 / (b / n2));
        var half = Interval.CriticalValue(level) * Math.Sqrt((1 / a) - (1 / n1) + (1 / b) - (1 / n2));
        var lower = successes1 == 0 ? 0 : Math.Exp(logRatio - half);
        return new Interval(lower, Math.Exp(logRatio + half), level, add == 0 ? "Katz log" : "Katz log (adjusted)");
    }

    private static double Square(double x) => x * x;
}

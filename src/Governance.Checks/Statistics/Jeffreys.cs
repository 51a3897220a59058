using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Governance.Checks.Statistics;

/// <summary>Back-test of a probability of default against observed defaults.</summary>
public static class Jeffreys
{
    /// <summary>
    /// One-sided p-value that the true rate is at most <paramref name="assumed"/>, from the Beta(D + ½, N − D + ½) posterior of Jeffreys' prior
    /// (ECB, Instructions for reporting the validation results of internal models, 2019). Small: the assumed rate is too low.
    /// </summary>
    public static double PValue(long defaults, long total, double assumed) =>
        assumed <= 0 ? 0 : assumed >= 1 ? 1 : SpecialFunctions.BetaRegularized(defaults + 0.5, total - defaults + 0.5, assumed);

    /// <summary>Equal-tailed interval of the same posterior; its ends are 0 and 1 where no or every trial was an event (Brown, Cai and DasGupta 2001).</summary>
    public static Interval Interval(long events, long total, double level)
    {
        var tail = (1 - level) / 2;
        double a = events + 0.5, b = total - events + 0.5;
        return new Interval(events == 0 ? 0 : Beta.InvCDF(a, b, tail), events == total ? 1 : Beta.InvCDF(a, b, 1 - tail), level, "Jeffreys");
    }
}

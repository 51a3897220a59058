using MathNet.Numerics;

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
}

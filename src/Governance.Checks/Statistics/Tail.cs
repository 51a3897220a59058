using MathNet.Numerics;

namespace Governance.Checks.Statistics;

/// <summary>Tail probabilities computed as such, not as one minus a distribution function, so that very small p-values keep their digits.</summary>
public static class Tail
{
    /// <summary>P(|Z| ≥ |z|) for standard normal Z.</summary>
    public static double TwoSidedNormal(double z) => SpecialFunctions.Erfc(Math.Abs(z) / Constants.Sqrt2);

    /// <summary>P(Z ≥ z) for standard normal Z.</summary>
    public static double UpperNormal(double z) => SpecialFunctions.Erfc(z / Constants.Sqrt2) / 2;

    /// <summary>P(X ≥ x) for chi-squared X.</summary>
    /// <param name="degreesOfFreedom">At least 1; with 0 the answer is 1.</param>
    public static double ChiSquared(double x, int degreesOfFreedom) =>
        degreesOfFreedom < 1 || x <= 0 ? 1
        : degreesOfFreedom == 1 ? SpecialFunctions.Erfc(Math.Sqrt(x / 2))
        : SpecialFunctions.GammaUpperRegularized(degreesOfFreedom / 2.0, x / 2);

    /// <summary>P(X ≥ k) for X successes in n trials.</summary>
    public static double BinomialAtLeast(long k, long n, double p) =>
        k <= 0 ? 1 : k > n ? 0 : p <= 0 ? 0 : p >= 1 ? 1 : SpecialFunctions.BetaRegularized(k, n - k + 1, p);

    /// <summary>P(sup|W(t)| ≥ x) for Brownian motion W on [0, 1] (Feller 1951, Arrieta-Ibarra et al. 2022).</summary>
    public static double BrownianMaximum(double x)
    {
        if (x <= 0)
        {
            return 1;
        }

        var inside = 0.0;
        for (var k = 0; k < 200; k++)
        {
            var odd = (2 * k) + 1;
            var term = Math.Exp(-odd * odd * Math.PI * Math.PI / (8 * x * x)) / odd;
            inside += (k % 2 == 0) ? term : -term;
            if (term < 1e-18)
            {
                break;
            }
        }

        return Math.Clamp(1 - (4 / Math.PI * inside), 0, 1);
    }

    /// <summary>P(√n·D ≥ x) as n grows, for the two-sided Kolmogorov–Smirnov statistic (Kolmogorov 1933).</summary>
    public static double Kolmogorov(double x)
    {
        if (x < 0.2)
        {
            return 1;
        }

        var tail = 0.0;
        for (var k = 1; k <= 100; k++)
        {
            var term = Math.Exp(-2.0 * k * k * x * x);
            tail += (k % 2 == 1) ? term : -term;
            if (term < 1e-18)
            {
                break;
            }
        }

        return Math.Clamp(2 * tail, 0, 1);
    }
}

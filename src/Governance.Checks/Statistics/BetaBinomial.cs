using MathNet.Numerics;

namespace Governance.Checks.Statistics;

/// <summary>Successes in n trials whose common rate is itself Beta(a, b).</summary>
public static class BetaBinomial
{
    /// <summary>P(X ≤ k). Linear in k.</summary>
    public static double AtMost(long k, long n, double a, double b)
    {
        // Terms by their ratio, from the first, on a log scale: P(0) = B(a, n + b) / B(a, b).
        var log = SpecialFunctions.BetaLn(a, n + b) - SpecialFunctions.BetaLn(a, b);
        var sum = 0.0;
        for (long i = 0; i <= Math.Min(k, n); i++)
        {
            sum += Math.Exp(log);
            log += i == n ? 0 : Math.Log((n - i) / (i + 1.0) * ((a + i) / (b + n - i - 1)));
        }

        return Math.Min(1, sum);
    }
}

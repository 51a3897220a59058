using MathNet.Numerics;

namespace Governance.Checks.Statistics;

/// <summary>
/// Lower bounds of the ε of differential privacy from attacks that were carried out. A bound holds only when the attack's threshold was fixed on other
/// records than those counted here: choosing among thresholds on the same records finds a leak where there is none.
/// </summary>
public static class PrivacyAudit
{
    /// <summary>
    /// ln((TPR − δ) / FPR), with Clopper and Pearson's lower bound of the one and upper bound of the other at half the error each; at least 0.
    /// Presumes that the records' outcomes are independent, as over many training runs.
    /// </summary>
    /// <param name="level">Confidence that the true ε is at least the answer, e.g. 0.95.</param>
    public static double Floor(long found, long members, long falseAlarms, long others, double delta, double level)
    {
        if (members == 0 || others == 0)
        {
            return 0;
        }

        // Each bound is one-sided with half the error: the ends of two-sided intervals at the level itself.
        var rate = Proportion.ClopperPearson(found, members, level).Lower - delta;
        var alarm = Proportion.ClopperPearson(falseAlarms, others, level).Upper;
        return rate > alarm ? Math.Log(rate / alarm) : 0;
    }

    /// <summary>
    /// The largest ε that <paramref name="correct"/> right answers in <paramref name="guesses"/> guesses contradict, from one training run (Steinke, Nasr and Jagielski 2023, theorem 5.2); at least 0.
    /// Valid when each canary was put in or left out by a fair coin.
    /// </summary>
    /// <param name="canaries">Canaries in all, guessed or not.</param>
    public static double OneRun(long canaries, long guesses, long correct, double delta, double level)
    {
        if (guesses == 0 || OneRunPValue(canaries, guesses, correct, 0, delta) > 1 - level)
        {
            return 0;
        }

        double low = 0, high = 1;
        while (high < 64 && OneRunPValue(canaries, guesses, correct, high, delta) <= 1 - level)
        {
            high *= 2;
        }

        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = OneRunPValue(canaries, guesses, correct, middle, delta) <= 1 - level ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Chance of so many right answers, or more, under (ε, δ).</summary>
    public static double OneRunPValue(long canaries, long guesses, long correct, double epsilon, double delta)
    {
        var q = 1 / (1 + Math.Exp(-epsilon));
        var p = Tail.BinomialAtLeast(correct, guesses, q);
        if (delta > 0)
        {
            double largest = 0, sum = 0;
            for (long i = 1; i <= correct; i++)
            {
                sum += BinomialMass(correct - i, guesses, q);
                largest = Math.Max(largest, sum / i);
            }

            p += largest * delta * 2 * canaries;
        }

        return Math.Min(1, p);
    }

    private static double BinomialMass(long k, long n, double p) => p >= 1
        ? (k == n ? 1 : 0)
        : Math.Exp(SpecialFunctions.GammaLn(n + 1) - SpecialFunctions.GammaLn(k + 1) - SpecialFunctions.GammaLn(n - k + 1) + (k * Math.Log(p)) + ((n - k) * Math.Log(1 - p)));
}

using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Governance.Checks.Statistics;

/// <summary>
/// The one source of pseudo-random numbers of all checks: SplitMix64 (Steele, Lea and Flood 2014). A mutable value; every use derives its own
/// stream from the seed and what the numbers are for (feature, replicate, row), so results do not depend on the order or place of the work.
/// </summary>
public struct SplitMix64(ulong state)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong state = state;

    /// <summary>The stream of a seed and up to three coordinates.</summary>
    public static SplitMix64 For(long seed, long a, long b = 0, long c = 0) =>
        new(Mix(Mix(Mix(Mix((ulong)seed + Golden) + (ulong)a + Golden) + (ulong)b + Golden) + (ulong)c + Golden));

    public ulong Next() => Mix(state += Golden);

    /// <summary>Uniform on the open interval (0, 1), 53 bits.</summary>
    public double NextUniform() => ((Next() >> 11) + 0.5) * (1.0 / (1UL << 53));

    /// <summary>Standard normal, by the quantile function.</summary>
    public double NextNormal() => Normal.InvCDF(0, 1, NextUniform());

    /// <summary>Uniform on <c>[0, bound)</c>, by the high half of the product (Lemire 2019), rejecting the biased part.</summary>
    public int NextBelow(int bound)
    {
        var threshold = (0 - (ulong)bound) % (ulong)bound;
        while (true)
        {
            var high = Math.BigMul(Next(), (ulong)bound, out var low);
            if (low >= threshold)
            {
                return (int)high;
            }
        }
    }

    /// <summary>Poisson, by products of uniforms for small means and by transformed rejection (PTRS, Hörmann 1993) else: constant time.</summary>
    /// <param name="mean">0 or more.</param>
    public long NextPoisson(double mean)
    {
        if (mean < 10)
        {
            var limit = Math.Exp(-mean);
            var count = 0L;
            for (var product = NextUniform(); product > limit; product *= NextUniform())
            {
                count++;
            }

            return count;
        }

        var b = 0.931 + (2.53 * Math.Sqrt(mean));
        var a = -0.059 + (0.02483 * b);
        while (true)
        {
            var u = NextUniform() - 0.5;
            var v = NextUniform();
            var us = 0.5 - Math.Abs(u);
            var k = Math.Floor((((2 * a / us) + b) * u) + mean + 0.43);
            if (us >= 0.07 && v <= 0.9277 - (3.6224 / (b - 2)))
            {
                return (long)k;
            }

            if (k >= 0 && (us >= 0.013 || v <= us)
                && Math.Log(v) + Math.Log(1.1239 + (1.1328 / (b - 3.4))) - Math.Log((a / (us * us)) + b) <= (k * Math.Log(mean)) - mean - SpecialFunctions.GammaLn(k + 1))
            {
                return (long)k;
            }
        }
    }

    /// <summary>A uniform permutation of <c>0..length-1</c> (Durstenfeld 1964).</summary>
    public int[] NextPermutation(int length)
    {
        var permutation = new int[length];
        for (var i = 1; i < length; i++)
        {
            var j = NextBelow(i + 1);
            permutation[i] = permutation[j];
            permutation[j] = i;
        }

        return permutation;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

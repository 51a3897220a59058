using System.Numerics;
using MathNet.Numerics;
using MathNet.Numerics.IntegralTransforms;

namespace Governance.Checks.Statistics;

/// <summary>
/// Privacy of the Poisson-subsampled Gaussian mechanism composed with itself, adding or removing one record: what DP-SGD claims. Immutable.
/// </summary>
/// <param name="NoiseMultiplier">Standard deviation of the noise over the clipping norm; positive.</param>
/// <param name="SamplingRate">Chance that a record is in a step, in (0, 1].</param>
/// <param name="Steps">Number of compositions, at least 1.</param>
public sealed record GaussianAccounting(double NoiseMultiplier, double SamplingRate, long Steps)
{
    private const int GridBits = 17;

    // A Rényi order per tenth up to 10.9, whole to 63, then doubling: the optimum is flat, and a bound at any order is valid.
    private static readonly double[] Orders =
        [.. Enumerable.Range(1, 99).Select(i => 1 + (i / 10.0)), .. Enumerable.Range(11, 53).Select(i => (double)i), 128, 256, 512, 1024];

    /// <summary>
    /// An upper bound of ε at δ by Rényi differential privacy (Mironov 2017; Mironov, Talwar and Zhang 2019), converted as Canonne, Kamath and Steinke (2020), with the order that gives it.
    /// </summary>
    public (double Epsilon, double Order) Renyi(double delta) =>
        Orders.Select(a => (Epsilon: Math.Max(0, (Steps * Divergence(a)) + Math.Log(1 - (1 / a)) - (Math.Log(delta * a) / (a - 1))), Order: a)).MinBy(e => e.Epsilon);

    /// <summary>Rényi divergence of one step at an order above 1, record removed (the larger direction).</summary>
    public double Divergence(double order)
    {
        var s2 = NoiseMultiplier * NoiseMultiplier;
        if (SamplingRate >= 1)
        {
            return order / (2 * s2);
        }

        // The moment as an integral over x/σ; the trapezoid rule is exact to rounding for such an integrand.
        const double Step = 1.0 / 64;
        const double Reach = 40;
        double from = -Reach, to = Reach + (order / NoiseMultiplier);
        var logs = new double[(int)((to - from) / Step)];
        for (var i = 0; i < logs.Length; i++)
        {
            var z = from + (i * Step);
            logs[i] = (order * Loss(z * NoiseMultiplier)) - (z * z / 2);
        }

        var largest = logs.Max();
        var sum = logs.Sum(l => Math.Exp(l - largest)) * Step / Math.Sqrt(2 * Math.PI);
        return Math.Max(0, (largest + Math.Log(sum)) / (order - 1));
    }

    /// <summary>
    /// ε at δ by composing privacy loss distributions (Koskela, Jälkö and Honkela 2020), discretised so that the answer is an upper bound (Doroshenko et al. 2022), the larger of both directions.
    /// </summary>
    public double LossDistribution(double delta) => Math.Max(EpsilonOf(Composed(removed: true), delta), EpsilonOf(Composed(removed: false), delta));

    /// <summary>δ at ε by the same distributions.</summary>
    public double LossDistributionDelta(double epsilon) => Math.Max(DeltaOf(Composed(removed: true), epsilon), DeltaOf(Composed(removed: false), epsilon));

    /// <summary>log of the density ratio of a step with the record over one without, where the noisy sum is x.</summary>
    private double Loss(double x)
    {
        var exponent = ((2 * x) - 1) / (2 * NoiseMultiplier * NoiseMultiplier);
        return SamplingRate >= 1 ? exponent
            : exponent > 30 ? Math.Log(SamplingRate) + exponent + Math.Log(1 + ((1 - SamplingRate) / SamplingRate * Math.Exp(-exponent)))
            : Math.Log(1 + (SamplingRate * (Math.Exp(exponent) - 1)));
    }

    private sealed record Losses(double Width, long First, double[] Mass, double Infinite);

    private Losses Composed(bool removed)
    {
        var coarse = Discretise(1e-3, removed);
        var (low, high) = Range(coarse);
        var length = 1 << GridBits;
        var width = (high - low) / (length - 4);
        var one = Discretise(width, removed);
        var spectrum = new Complex[length];
        for (var i = 0; i < one.Mass.Length; i++)
        {
            spectrum[(int)Modulo(one.First + i, length)] += one.Mass[i];
        }

        Fourier.Forward(spectrum, FourierOptions.AsymmetricScaling);
        for (var i = 0; i < length; i++)
        {
            spectrum[i] = Complex.Pow(spectrum[i], Steps);
        }

        Fourier.Inverse(spectrum, FourierOptions.AsymmetricScaling);
        var first = (long)Math.Floor(low / width);
        var mass = new double[length];
        for (var i = 0; i < length; i++)
        {
            mass[i] = Math.Max(0, spectrum[(int)Modulo(first + i, length)].Real);
        }

        return new Losses(width, first, mass, Math.Min(1, (Steps * one.Infinite) + (2 * TailMass)));
    }

    private const double TailMass = 1e-15;

    /// <summary>One step on a grid: the mass of a cell goes to its two ends so that both distributions keep their mass in it.</summary>
    private Losses Discretise(double width, bool removed)
    {
        const double Reach = 9;
        double least = -Reach * NoiseMultiplier, most = (Reach * NoiseMultiplier) + 1;
        double a = removed ? Loss(least) : -Loss(most), b = removed ? Loss(most) : -Loss(least);
        width = Math.Max(width, (b - a) / (1 << 22));
        long first = (long)Math.Floor(a / width), last = (long)Math.Ceiling(b / width);
        var mass = new double[last - first + 1];
        double previous = removed ? least : most;
        for (var k = first; k < last; k++)
        {
            var edge = k + 1 == last ? (removed ? most : least) : Math.Clamp(Noise((removed ? 1 : -1) * (k + 1) * width), least, most);
            var (from, to) = removed ? (previous, edge) : (edge, previous);
            previous = edge;
            var without = Normal(from, to, 0);
            var with = SamplingRate >= 1 ? Normal(from, to, 1) : ((1 - SamplingRate) * without) + (SamplingRate * Normal(from, to, 1));
            var (p, q) = removed ? (with, without) : (without, with);
            if (p > 0)
            {
                var lower = Math.Clamp((q - (p * Math.Exp(-(k + 1) * width))) / (Math.Exp(-k * width) * -Special.ExpMinusOne(-width)), 0, p);
                mass[k - first] += lower;
                mass[k + 1 - first] += p - lower;
            }
        }

        return new Losses(width, first, mass, Math.Max(0, 1 - mass.Sum()) + TailMass);
    }

    /// <summary>The noisy sum at which <see cref="Loss"/> has a value; minus infinity where it is below every value.</summary>
    private double Noise(double loss)
    {
        var ratio = SamplingRate >= 1 ? loss : Math.Log((Math.Exp(loss) - (1 - SamplingRate)) / SamplingRate);
        ratio = loss > 30 && SamplingRate < 1 ? loss - Math.Log(SamplingRate) : ratio;
        return double.IsNaN(ratio) ? double.NegativeInfinity : ((ratio * 2 * NoiseMultiplier * NoiseMultiplier) + 1) / 2;
    }

    private double Normal(double from, double to, double mean)
    {
        double a = (from - mean) / (NoiseMultiplier * Constants.Sqrt2), b = (to - mean) / (NoiseMultiplier * Constants.Sqrt2);
        return a > 0 ? (SpecialFunctions.Erfc(a) - SpecialFunctions.Erfc(b)) / 2 : (SpecialFunctions.Erfc(-b) - SpecialFunctions.Erfc(-a)) / 2;
    }

    /// <summary>Where all but <see cref="TailMass"/> of the sum of all steps lies, by Chernoff's bound on either side.</summary>
    private (double Low, double High) Range(Losses one)
    {
        double low = double.NegativeInfinity, high = double.PositiveInfinity;
        for (var t = 1.0 / 1024; t <= 1024; t *= 1.25)
        {
            high = Math.Min(high, ((Steps * Cumulant(one, t)) - Math.Log(TailMass)) / t);
            low = Math.Max(low, -((Steps * Cumulant(one, -t)) - Math.Log(TailMass)) / t);
        }

        double least = Steps * one.First * one.Width, most = Steps * (one.First + one.Mass.Length) * one.Width;
        return (Math.Max(low, least) - one.Width, Math.Min(high, most) + one.Width);
    }

    private static double Cumulant(Losses one, double t)
    {
        var largest = double.NegativeInfinity;
        for (var i = 0; i < one.Mass.Length; i++)
        {
            largest = one.Mass[i] > 0 ? Math.Max(largest, Math.Log(one.Mass[i]) + (t * (one.First + i) * one.Width)) : largest;
        }

        var sum = 0.0;
        for (var i = 0; i < one.Mass.Length; i++)
        {
            sum += one.Mass[i] > 0 ? Math.Exp(Math.Log(one.Mass[i]) + (t * (one.First + i) * one.Width) - largest) : 0;
        }

        return largest + Math.Log(sum);
    }

    private static double DeltaOf(Losses losses, double epsilon)
    {
        var delta = losses.Infinite;
        for (var i = losses.Mass.Length - 1; i >= 0 && (losses.First + i) * losses.Width > epsilon; i--)
        {
            delta += losses.Mass[i] * -Special.ExpMinusOne(epsilon - ((losses.First + i) * losses.Width));
        }

        return Math.Min(1, delta);
    }

    /// <summary>Infinite where the mass that no finite ε covers exceeds δ.</summary>
    private static double EpsilonOf(Losses losses, double delta)
    {
        double low = 0, high = Math.Max(0, (losses.First + losses.Mass.Length) * losses.Width);
        if (losses.Infinite > delta)
        {
            return double.PositiveInfinity;
        }

        if (DeltaOf(losses, 0) <= delta)
        {
            return 0;
        }

        while (high - low > 1e-10 * Math.Max(1, high))
        {
            var middle = (low + high) / 2;
            (low, high) = DeltaOf(losses, middle) > delta ? (middle, high) : (low, middle);
        }

        return high;
    }

    private static long Modulo(long value, long modulus) => ((value % modulus) + modulus) % modulus;
}

/// <summary>Elementary functions the runtime lacks.</summary>
internal static class Special
{
    /// <summary>e^x − 1 without cancellation near 0.</summary>
    public static double ExpMinusOne(double x) => Math.Abs(x) < 1e-5 ? x + (x * x / 2) + (x * x * x / 6) : Math.Exp(x) - 1;
}

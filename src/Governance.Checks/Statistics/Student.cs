using MathNet.Numerics.Distributions;

namespace Governance.Checks.Statistics;

/// <summary>Student's t.</summary>
public static class Student
{
    /// <summary>P(|T| ≥ |t|).</summary>
    public static double TwoSided(double t, double degreesOfFreedom) => Math.Min(1, 2 * StudentT.CDF(0, 1, degreesOfFreedom, -Math.Abs(t)));
}

using MathNet.Numerics.LinearAlgebra;

namespace Governance.Checks.Statistics;

/// <summary>
/// The logistic regression of the label on the log-odds of the score (Cox 1958): intercept 0 and slope 1 mean calibrated.
/// </summary>
/// <param name="InterceptError">Standard error.</param>
/// <param name="SlopeError">Standard error.</param>
/// <param name="LikelihoodRatio">Twice the gain in log-likelihood over intercept 0, slope 1: chi-squared on 2 degrees of freedom.</param>
public sealed record LogisticRecalibration(double Intercept, double InterceptError, double Slope, double SlopeError, double LikelihoodRatio)
{
    /// <summary>Scores of 0 or 1 have no log-odds; they are cut to this distance from the ends.</summary>
    public const double Margin = 1e-6;

    private const int MaxIterations = 50;

    /// <summary>Newton's method with step halving; null when it finds no maximum (one label, one score, or the labels separate perfectly).</summary>
    public static LogisticRecalibration? Fit(ScoreCounts counts)
    {
        if (!counts.HasBothClasses || counts.Scores.Length < 2)
        {
            return null;
        }

        var x = Array.ConvertAll(counts.Scores, LogOdds);
        double a = 0, b = 1;
        var start = LogLikelihood(counts, x, a, b);
        var current = start;
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            var (gradient, information) = Derivatives(counts, x, a, b);
            if (Determinant(information) <= 1e-12 * information[0, 0] * information[1, 1])
            {
                return null;
            }

            var step = information.Solve(gradient);
            var size = 1.0;
            var next = LogLikelihood(counts, x, a + step[0], b + step[1]);
            while (!(next >= current - 1e-12) && size > 1e-6)
            {
                size /= 2;
                next = LogLikelihood(counts, x, a + (size * step[0]), b + (size * step[1]));
            }

            a += size * step[0];
            b += size * step[1];
            current = next;
            if (Math.Abs(step[0]) < 1e-10 * (1 + Math.Abs(a)) && Math.Abs(step[1]) < 1e-10 * (1 + Math.Abs(b)))
            {
                var inverse = Derivatives(counts, x, a, b).Information.Inverse();
                return new LogisticRecalibration(a, Math.Sqrt(inverse[0, 0]), b, Math.Sqrt(inverse[1, 1]), Math.Max(0, 2 * (current - start)));
            }
        }

        return null;
    }

    /// <summary>The recalibrated probability of a score.</summary>
    public double Apply(double score) => Sigmoid(Intercept + (Slope * LogOdds(score)));

    /// <summary>Calibration in the large: the intercept with the slope held at 1, and its standard error. Null when there is none.</summary>
    public static (double Intercept, double Error)? FitIntercept(ScoreCounts counts)
    {
        if (!counts.HasBothClasses)
        {
            return null;
        }

        var x = Array.ConvertAll(counts.Scores, LogOdds);
        var a = 0.0;
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            var (gradient, information) = Derivatives(counts, x, a, 1);
            var step = Math.Clamp(gradient[0] / information[0, 0], -2, 2);
            a += step;
            if (Math.Abs(step) < 1e-10 * (1 + Math.Abs(a)))
            {
                return (a, 1 / Math.Sqrt(information[0, 0]));
            }
        }

        return null;
    }

    /// <summary>
    /// The same with weighted rows: the root of <c>Σw(y − p) = 0</c>, with the linearised standard error <c>√(n/(n−1) Σw²(y − p)²) / Σwp(1 − p)</c> (Binder 1983)
    /// for rows drawn independently. Null when there is none.
    /// </summary>
    public static (double Intercept, double Error)? FitIntercept(WeightedScores scores)
    {
        if (!scores.HasBothClasses)
        {
            return null;
        }

        var a = 0.0;
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            double gradient = 0, information = 0, squares = 0;
            foreach (var row in scores.Rows)
            {
                var p = Sigmoid(a + LogOdds(row.Score));
                var residual = row.Weight * (row.Label - p);
                gradient += residual;
                squares += residual * residual;
                information += row.Weight * p * (1 - p);
            }

            var step = Math.Clamp(gradient / information, -2, 2);
            if (Math.Abs(step) < 1e-10 * (1 + Math.Abs(a)))
            {
                return (a, Math.Sqrt(squares * scores.Count / (scores.Count - 1.0)) / information);
            }

            a += step;
        }

        return null;
    }

    private static double LogOdds(double score)
    {
        var p = Math.Clamp(score, Margin, 1 - Margin);
        return Math.Log(p / (1 - p));
    }

    private static double Sigmoid(double z) => 1 / (1 + Math.Exp(-z));

    private static double LogLikelihood(ScoreCounts counts, double[] x, double a, double b)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            var z = a + (b * x[i]);
            var softplus = Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z)));
            sum += (counts.Positives[i] * z) - (counts.Count(i) * softplus);
        }

        return sum;
    }

    private static (Vector<double> Gradient, Matrix<double> Information) Derivatives(ScoreCounts counts, double[] x, double a, double b)
    {
        double ga = 0, gb = 0, haa = 0, hab = 0, hbb = 0;
        for (var i = 0; i < x.Length; i++)
        {
            var p = Sigmoid(a + (b * x[i]));
            var residual = counts.Positives[i] - (counts.Count(i) * p);
            var weight = counts.Count(i) * p * (1 - p);
            ga += residual;
            gb += residual * x[i];
            haa += weight;
            hab += weight * x[i];
            hbb += weight * x[i] * x[i];
        }

        return (Vector<double>.Build.DenseOfArray([ga, gb]), Matrix<double>.Build.DenseOfArray(new[,] { { haa, hab }, { hab, hbb } }));
    }

    private static double Determinant(Matrix<double> m) => (m[0, 0] * m[1, 1]) - (m[0, 1] * m[1, 0]);
}

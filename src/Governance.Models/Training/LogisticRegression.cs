using MathNet.Numerics.LinearAlgebra;

namespace Governance.Models.Training;

/// <summary>
/// Fits a logistic regression by Newton's method (iteratively reweighted least squares) on standardised features with an L2 penalty, then writes the
/// standardisation into the coefficients. No randomness: equal data gives equal models.
/// </summary>
public static class LogisticRegression
{
    private const int MaxIterations = 50;
    private const double Tolerance = 1e-10;

    /// <param name="labels">0 or 1, one per row; both must occur.</param>
    /// <param name="penalty">Half the L2 penalty's weight on each standardised coefficient (scikit-learn's 1/C). Must be positive, so that separable data has an answer. Default 1.</param>
    /// <exception cref="ArgumentException">Missing features, other labels, a single class or a penalty that is not positive.</exception>
    public static LogisticModel Fit(FeatureMatrix data, ReadOnlySpan<double> labels, double penalty = 1)
    {
        Require(data, labels, penalty);
        var scale = Standardisation.Of(data);
        var width = data.Features.Count + 1;
        var x = Matrix<double>.Build.Dense(data.RowCount, width, (r, c) => c == 0 ? 1 : scale.Apply(data.Row(r)[c - 1], c - 1));
        var y = Vector<double>.Build.DenseOfArray(labels.ToArray());
        var ridge = Vector<double>.Build.Dense(width, c => c == 0 ? 0 : penalty);
        var beta = Vector<double>.Build.Dense(width);
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            var p = (x * beta).Map(LogisticModel.Sigmoid);
            var gradient = x.TransposeThisAndMultiply(y - p) - ridge.PointwiseMultiply(beta);
            var root = p.Map(v => Math.Sqrt(v * (1 - v)));
            var weighted = x.Clone();
            weighted.MapIndexedInplace((r, _, v) => v * root[r]);
            var step = (weighted.TransposeThisAndMultiply(weighted) + Matrix<double>.Build.DenseOfDiagonalVector(ridge)).Cholesky().Solve(gradient);
            beta += step;
            if (step.AbsoluteMaximum() < Tolerance)
            {
                break;
            }
        }

        return scale.Unfold(data.Features, beta);
    }

    private static void Require(FeatureMatrix data, ReadOnlySpan<double> labels, double penalty)
    {
        if (penalty is not > 0)
        {
            throw new ArgumentException("The penalty must be positive.", nameof(penalty));
        }

        TrainingData.RequireLabels(data, labels);
        foreach (var value in data.Values.Span)
        {
            if (!float.IsFinite(value))
            {
                throw new ArgumentException("A logistic regression takes no missing values; impute them first.", nameof(data));
            }
        }
    }

    /// <summary>Mean and standard deviation of each feature; a constant feature keeps deviation 1 and so coefficient 0.</summary>
    private sealed record Standardisation(double[] Mean, double[] Deviation)
    {
        public static Standardisation Of(FeatureMatrix data)
        {
            var mean = new double[data.Features.Count];
            var deviation = new double[data.Features.Count];
            for (var f = 0; f < mean.Length; f++)
            {
                for (var r = 0; r < data.RowCount; r++)
                {
                    mean[f] += data.Row(r)[f];
                }

                mean[f] /= data.RowCount;
                for (var r = 0; r < data.RowCount; r++)
                {
                    deviation[f] += Math.Pow(data.Row(r)[f] - mean[f], 2);
                }

                deviation[f] = Math.Sqrt(deviation[f] / data.RowCount);
                deviation[f] = deviation[f] > 0 ? deviation[f] : 1;
            }

            return new Standardisation(mean, deviation);
        }

        public double Apply(float value, int feature) => (value - Mean[feature]) / Deviation[feature];

        public LogisticModel Unfold(IReadOnlyList<string> features, Vector<double> beta)
        {
            double[] coefficients = [.. Deviation.Select((d, f) => beta[f + 1] / d)];
            return new LogisticModel(features, beta[0] - coefficients.Zip(Mean, (c, m) => c * m).Sum(), coefficients);
        }
    }
}

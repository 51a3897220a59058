using Governance.Data;

namespace Governance.Models.Training;

/// <summary>How the network is trained. Immutable.</summary>
/// <param name="Hidden">Units of the one hidden layer.</param>
/// <param name="Epochs">Passes over the rows.</param>
/// <param name="BatchRows">Rows of one step.</param>
/// <param name="LearningRate">Step size of Adam.</param>
/// <param name="Penalty">Weight decay per step, relative to the learning rate.</param>
public sealed record NeuralNetworkSettings(int Hidden = 16, int Epochs = 30, int BatchRows = 64, double LearningRate = 0.01, double Penalty = 1e-4);

/// <summary>A network with one hidden layer of rectified units on standardised features; a missing feature counts as its mean. Immutable and thread-safe.</summary>
public sealed class NeuralModel : IScorer
{
    private readonly double[] mean;
    private readonly double[] deviation;
    private readonly double[] weights;
    private readonly int hidden;

    internal NeuralModel(IReadOnlyList<string> features, double[] mean, double[] deviation, double[] weights, int hidden)
    {
        Features = features;
        this.mean = mean;
        this.deviation = deviation;
        this.weights = weights;
        this.hidden = hidden;
    }

    public IReadOnlyList<string> Features { get; }

    public void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken)
    {
        var width = Features.Count;
        var (x, units) = (new double[width], new double[hidden]);
        for (var row = 0; row < scores.Length; row++)
        {
            Standardise(features.Slice(row * width, width), mean, deviation, x);
            scores[row] = LogisticModel.Sigmoid(Forward(weights, x, units));
        }
    }

    internal static void Standardise(ReadOnlySpan<float> row, double[] mean, double[] deviation, Span<double> into)
    {
        for (var f = 0; f < into.Length; f++)
        {
            into[f] = float.IsFinite(row[f]) ? (row[f] - mean[f]) / deviation[f] : 0;
        }
    }

    /// <summary>The log-odds; leaves the hidden units in <paramref name="units"/>. Layout: per unit its inputs and bias, then the output weights and bias.</summary>
    internal static double Forward(ReadOnlySpan<double> weights, ReadOnlySpan<double> x, Span<double> units)
    {
        var output = weights[^1];
        for (var u = 0; u < units.Length; u++)
        {
            var own = weights.Slice(u * (x.Length + 1), x.Length + 1);
            var sum = own[^1];
            for (var f = 0; f < x.Length; f++)
            {
                sum += own[f] * x[f];
            }

            units[u] = Math.Max(0, sum);
            output += weights[(units.Length * (x.Length + 1)) + u] * units[u];
        }

        return output;
    }
}

/// <summary>Trains a <see cref="NeuralModel"/> by Adam (Kingma and Ba 2015) from a seeded start. The same rows, labels and seed give the same model.</summary>
public static class NeuralNetwork
{
    /// <exception cref="ArgumentException">Not one label per row, other labels than 0 and 1, or a single class.</exception>
    public static NeuralModel Fit(FeatureMatrix data, ReadOnlySpan<double> labels, NeuralNetworkSettings settings, long seed, CancellationToken cancellationToken)
    {
        TrainingData.RequireLabels(data, labels);
        var (mean, deviation) = Scale(data);
        var width = data.Features.Count;
        var x = new double[data.RowCount * width];
        for (var row = 0; row < data.RowCount; row++)
        {
            NeuralModel.Standardise(data.Row(row), mean, deviation, x.AsSpan(row * width, width));
        }

        var random = new SeededRandom((ulong)seed);
        var trainer = new Adam(Start(width, settings.Hidden, random), settings);
        var order = Enumerable.Range(0, data.RowCount).ToArray();
        for (var epoch = 0; epoch < settings.Epochs; epoch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Shuffle(order, random);
            for (var first = 0; first < order.Length; first += settings.BatchRows)
            {
                trainer.Step(x, width, labels, order.AsSpan(first, Math.Min(settings.BatchRows, order.Length - first)));
            }
        }

        return new NeuralModel(data.Features, mean, deviation, trainer.Weights, settings.Hidden);
    }

    private static (double[] Mean, double[] Deviation) Scale(FeatureMatrix data)
    {
        var width = data.Features.Count;
        var (mean, deviation) = (new double[width], new double[width]);
        for (var f = 0; f < width; f++)
        {
            double sum = 0, squares = 0;
            var known = 0;
            for (var row = 0; row < data.RowCount; row++)
            {
                var value = data.Row(row)[f];
                (sum, known) = float.IsFinite(value) ? (sum + value, known + 1) : (sum, known);
            }

            mean[f] = known == 0 ? 0 : sum / known;
            for (var row = 0; row < data.RowCount; row++)
            {
                var value = data.Row(row)[f];
                squares += float.IsFinite(value) ? (value - mean[f]) * (value - mean[f]) : 0;
            }

            deviation[f] = known > 0 && squares > 0 ? Math.Sqrt(squares / known) : 1;
        }

        return (mean, deviation);
    }

    private static double[] Start(int width, int hidden, SeededRandom random)
    {
        var weights = new double[(hidden * (width + 1)) + hidden + 1];
        for (var u = 0; u < hidden; u++)
        {
            for (var f = 0; f < width; f++)
            {
                weights[(u * (width + 1)) + f] = random.NextNormal() * Math.Sqrt(2.0 / width);
            }

            weights[(hidden * (width + 1)) + u] = random.NextNormal() / Math.Sqrt(hidden);
        }

        return weights;
    }

    private static void Shuffle(int[] order, SeededRandom random)
    {
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = (int)(random.NextDouble() * (i + 1));
            (order[i], order[j]) = (order[j], order[i]);
        }
    }

    private sealed class Adam(double[] weights, NeuralNetworkSettings settings)
    {
        private readonly double[] gradient = new double[weights.Length];
        private readonly double[] first = new double[weights.Length];
        private readonly double[] second = new double[weights.Length];
        private readonly double[] units = new double[settings.Hidden];
        private int steps;

        public double[] Weights => weights;

        public void Step(double[] x, int width, ReadOnlySpan<double> labels, ReadOnlySpan<int> rows)
        {
            Array.Clear(gradient);
            foreach (var row in rows)
            {
                Accumulate(x.AsSpan(row * width, width), labels[row]);
            }

            steps++;
            double correct1 = 1 - Math.Pow(0.9, steps), correct2 = 1 - Math.Pow(0.999, steps);
            for (var i = 0; i < weights.Length; i++)
            {
                var g = gradient[i] / rows.Length;
                first[i] = (0.9 * first[i]) + (0.1 * g);
                second[i] = (0.999 * second[i]) + (0.001 * g * g);
                weights[i] -= settings.LearningRate * ((first[i] / correct1 / (Math.Sqrt(second[i] / correct2) + 1e-8)) + (settings.Penalty * weights[i]));
            }
        }

        private void Accumulate(ReadOnlySpan<double> x, double label)
        {
            var error = LogisticModel.Sigmoid(NeuralModel.Forward(weights, x, units)) - label;
            var output = units.Length * (x.Length + 1);
            gradient[^1] += error;
            for (var u = 0; u < units.Length; u++)
            {
                gradient[output + u] += error * units[u];
                if (units[u] <= 0)
                {
                    continue;
                }

                var back = error * weights[output + u];
                var own = gradient.AsSpan(u * (x.Length + 1), x.Length + 1);
                own[^1] += back;
                for (var f = 0; f < x.Length; f++)
                {
                    own[f] += back * x[f];
                }
            }
        }
    }
}

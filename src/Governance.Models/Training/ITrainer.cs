namespace Governance.Models.Training;

/// <summary>
/// A recipe: rows and labels in, model out. The same rows, labels and seed give the same model. Implementations are stateless and thread-safe.
/// A bank that wants its own recipe behind the shadow-model attacks implements this.
/// </summary>
public interface ITrainer
{
    /// <summary>For evidence: what was trained, with its settings.</summary>
    string Name { get; }

    /// <param name="data">Rows to learn from; missing is NaN and must be coped with.</param>
    /// <param name="labels">0 or 1, one per row; both occur.</param>
    /// <param name="seed">Of every random choice.</param>
    IScorer Fit(FeatureMatrix data, ReadOnlySpan<double> labels, long seed, CancellationToken cancellationToken);
}

/// <summary>The recipes this project brings: small, deterministic, no tuning. Each takes missing values.</summary>
public static class Trainers
{
    /// <summary>Logistic regression with penalty 1; missing values become the mean of the column.</summary>
    public static ITrainer Logistic { get; } = new LogisticTrainer();

    /// <summary>Boosted trees with the defaults of <see cref="BoostedTreesSettings"/>.</summary>
    public static ITrainer BoostedTrees { get; } = new BoostedTreesTrainer(new BoostedTreesSettings());

    /// <summary>A network with one hidden layer and the defaults of <see cref="NeuralNetworkSettings"/>; missing values become the mean of the column.</summary>
    public static ITrainer NeuralNetwork { get; } = new NeuralNetworkTrainer(new NeuralNetworkSettings());

    private sealed class LogisticTrainer : ITrainer
    {
        public string Name => "logistic regression, penalty 1";

        public IScorer Fit(FeatureMatrix data, ReadOnlySpan<double> labels, long seed, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var imputation = MeanImputation.Of(data);
            return imputation.Before(LogisticRegression.Fit(imputation.Apply(data), labels));
        }
    }

    private sealed class BoostedTreesTrainer(BoostedTreesSettings settings) : ITrainer
    {
        public string Name => string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"boosted trees, {settings.Rounds} of depth {settings.Depth}, learning rate {settings.LearningRate}");

        public IScorer Fit(FeatureMatrix data, ReadOnlySpan<double> labels, long seed, CancellationToken cancellationToken) =>
            Training.BoostedTrees.Fit(data, labels, settings, seed, cancellationToken);
    }

    private sealed class NeuralNetworkTrainer(NeuralNetworkSettings settings) : ITrainer
    {
        public string Name => $"neural network, {settings.Hidden} hidden units, {settings.Epochs} epochs";

        public IScorer Fit(FeatureMatrix data, ReadOnlySpan<double> labels, long seed, CancellationToken cancellationToken) =>
            Training.NeuralNetwork.Fit(data, labels, settings, seed, cancellationToken);
    }
}

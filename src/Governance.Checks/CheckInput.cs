using System.Collections.Concurrent;
using Governance.Data;
using Governance.Models;
using Governance.Models.Training;

namespace Governance.Checks;

/// <summary>Everything a check may read. Immutable and shared by all checks and shards of a run; thread-safe.</summary>
public sealed class CheckInput
{
    /// <summary>Evaluation (out-of-time or held-out) data with its roles: features, label, protected attributes, reference score.</summary>
    public required DataTable Evaluation { get; init; }

    /// <summary>Rows of each part the evaluation data was put together from, in order; empty when it is one part.</summary>
    public IReadOnlyList<int> EvaluationParts { get; init; } = [];

    /// <summary>Training data, for stability, overfit and membership; null when it is not registered.</summary>
    public DataTable? Training { get; init; }

    /// <summary>The model.</summary>
    public required IScorer Model { get; init; }

    /// <summary>Score at or above which label 1 is predicted, in [0, 1].</summary>
    public required double Threshold { get; init; }

    /// <summary>The predicted label, 0 or 1, that is good for the person: credit granted.</summary>
    public required int FavourablePrediction { get; init; }

    /// <summary>Reference group of each protected attribute: attribute name to level.</summary>
    public required IReadOnlyDictionary<string, string> ReferenceGroups { get; init; }

    /// <summary>The model in use now, that <see cref="Model"/> is to replace; null when there is none.</summary>
    public IScorer? Champion { get; init; }

    /// <summary>Other models that were considered, by name: what a search for a less discriminatory alternative chooses from.</summary>
    public IReadOnlyDictionary<string, IScorer> Alternatives { get; init; } = new Dictionary<string, IScorer>();

    /// <summary>The recipe the model was made by, for attacks that train models like it; null takes the nearest of <see cref="Trainers"/>.</summary>
    public ITrainer? Recipe { get; init; }

    /// <summary>Seed of every stochastic part.</summary>
    public long Seed { get; init; }

    /// <summary>Parameters that differ from their defaults: check id to parameter name to value.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Parameters { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, double>>();

    /// <summary>What people know of the features: reason codes, who can change what, expected directions. Features without a rule have none.</summary>
    public IReadOnlyDictionary<string, FeatureRule> FeatureRules { get; init; } = new Dictionary<string, FeatureRule>();

    /// <summary>The model that this one follows, for comparing reasons; null when there is none. Reads the same features.</summary>
    public IScorer? PreviousModel { get; init; }

    /// <summary>Scores of <see cref="Evaluation"/> by the model, one per row. Computed once, on first use.</summary>
    public ReadOnlyMemory<double> EvaluationScores => EvaluationScoresOf(new RowRange(0, Evaluation.RowCount));

    /// <summary>Scores of <see cref="Training"/>; empty without training data.</summary>
    public ReadOnlyMemory<double> TrainingScores => TrainingScoresOf(new RowRange(0, Training?.RowCount ?? 0));

    private readonly ConcurrentDictionary<IScorer, Lazy<LazyScores>> evaluationScores = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<string, Lazy<object>> shared = new(StringComparer.Ordinal);
    private readonly Lazy<LazyScores> trainingScores;

    public CheckInput() => trainingScores = new(() => new LazyScores(Training!, Model!, []));

    /// <summary>Scores of some evaluation rows; only the batches they lie in are computed.</summary>
    public ReadOnlyMemory<double> EvaluationScoresOf(RowRange rows) => EvaluationScoresOf(rows, Model);

    /// <summary>Scores of some evaluation rows by another model; computed once, like those of <see cref="Model"/>.</summary>
    public ReadOnlyMemory<double> EvaluationScoresOf(RowRange rows, IScorer model) =>
        evaluationScores.GetOrAdd(model, m => new(() => new LazyScores(Evaluation, m, EvaluationParts))).Value.Of(rows);

    /// <summary>Scores of some training rows; empty without training data.</summary>
    public ReadOnlyMemory<double> TrainingScoresOf(RowRange rows) =>
        Training is null ? ReadOnlyMemory<double>.Empty : trainingScores.Value.Of(rows);

    /// <summary>What several shards and checks need of this input, made once: an explainer with its background.</summary>
    internal T Once<T>(string what, Func<T> make)
        where T : notnull => (T)shared.GetOrAdd(what, _ => new Lazy<object>(() => make())).Value;
}

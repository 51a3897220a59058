using Governance.Data;
using Governance.Models;

namespace Governance.Checks;

/// <summary>Everything a check may read. Immutable and shared by all checks and shards of a run; thread-safe.</summary>
public sealed class CheckInput
{
    /// <summary>Evaluation (out-of-time or held-out) data with its roles: features, label, protected attributes, reference score.</summary>
    public required DataTable Evaluation { get; init; }

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

    /// <summary>Seed of every stochastic part.</summary>
    public long Seed { get; init; }

    /// <summary>Parameters that differ from their defaults: check id to parameter name to value.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Parameters { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, double>>();

    /// <summary>Scores of <see cref="Evaluation"/> by the model, one per row. Computed once, on first use.</summary>
    public ReadOnlyMemory<double> EvaluationScores => evaluationScores.Value;

    /// <summary>Scores of <see cref="Training"/>; empty without training data.</summary>
    public ReadOnlyMemory<double> TrainingScores => trainingScores.Value;

    private readonly Lazy<ReadOnlyMemory<double>> evaluationScores;
    private readonly Lazy<ReadOnlyMemory<double>> trainingScores;

    public CheckInput()
    {
        evaluationScores = new(() => ScoreAll(Evaluation!));
        trainingScores = new(() => Training is null ? ReadOnlyMemory<double>.Empty : ScoreAll(Training));
    }

    private ReadOnlyMemory<double> ScoreAll(DataTable table)
    {
        const int BatchRows = 4096;
        var columns = Model.Features.Select(f => ((Float32Column)table[f]).Values).ToArray();
        var scores = new double[table.RowCount];
        var batch = new float[BatchRows * columns.Length];
        for (var start = 0; start < scores.Length; start += BatchRows)
        {
            var rows = Math.Min(BatchRows, scores.Length - start);
            for (var c = 0; c < columns.Length; c++)
            {
                var values = columns[c].Span.Slice(start, rows);
                for (var r = 0; r < rows; r++)
                {
                    batch[(r * columns.Length) + c] = values[r];
                }
            }

            Model.Score(batch.AsSpan(0, rows * columns.Length), scores.AsSpan(start, rows), CancellationToken.None);
        }

        return scores;
    }
}

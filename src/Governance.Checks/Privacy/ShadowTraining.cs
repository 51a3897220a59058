using Governance.Checks.Statistics;
using Governance.Data;
using Governance.Models;
using Governance.Models.Training;

namespace Governance.Checks.Privacy;

/// <summary>
/// Training and evaluation rows in one pool, halves of which shadow models are trained on. Bounded, seeded, the same for every shard. Immutable.
/// </summary>
internal sealed class ShadowTraining
{
    public static readonly CheckParameter Recipe =
        CheckParameter.Whole("recipe", "Shadow models when the input brings no recipe of its own: 0 logistic regression, 1 boosted trees, 2 a small network.", 1, 0, 2);

    public static readonly CheckParameter Limit = CheckParameter.Whole("max_rows", "At most this many training rows and as many evaluation rows, evenly spaced, make up the pool.", 2000, 40, 100_000);

    private const int StreamId = 0x53484144;
    private readonly CheckInput input;
    private readonly FeatureMatrix pool;
    private readonly double[] labels;

    public ShadowTraining(CheckContext context)
    {
        input = context.Input;
        var limit = context.Parameters.Whole(Limit.Name);
        var (members, memberLabels) = Take(input.Training!, limit);
        var (others, otherLabels) = Take(input.Evaluation, limit);
        Members = memberLabels.Length;
        labels = [.. memberLabels, .. otherLabels];
        pool = new FeatureMatrix(input.Model.Features, labels.Length, (float[])[.. members, .. others]);
        Trainer = input.Recipe ?? (context.Parameters.Whole(Recipe.Name) switch { 0 => Trainers.Logistic, 1 => Trainers.BoostedTrees, _ => Trainers.NeuralNetwork });
    }

    public ITrainer Trainer { get; }

    /// <summary>Rows of the pool; the first <see cref="Members"/> of them are training rows of the audited model.</summary>
    public int Rows => labels.Length;

    public int Members { get; }

    /// <summary>Whether a shadow model is trained on a row of the pool: a fair coin of seed, model and row.</summary>
    public bool Contains(int shadow, int row) => (SplitMix64.For(input.Seed ^ StreamId, shadow, row).Next() >> 63) == 1;

    /// <summary>A shadow model's log-odds of the true label for every row of the pool; null when its half holds one class only.</summary>
    public double[]? Confidences(int shadow, CancellationToken cancellationToken)
    {
        int[] half = [.. Enumerable.Range(0, Rows).Where(r => Contains(shadow, r))];
        var own = Array.ConvertAll(half, r => labels[r]);
        if (!own.Contains(0) || !own.Contains(1))
        {
            return null;
        }

        var width = pool.Features.Count;
        var values = new float[half.Length * width];
        for (var i = 0; i < half.Length; i++)
        {
            pool.Row(half[i]).CopyTo(values.AsSpan(i * width));
        }

        var seed = (long)SplitMix64.For(input.Seed ^ StreamId, shadow, -1).Next();
        return Confidences(Trainer.Fit(new FeatureMatrix(pool.Features, half.Length, values), own, seed, cancellationToken), cancellationToken);
    }

    /// <summary>The audited model's log-odds of the true label for every row of the pool, row by row, so that a refused row has NaN.</summary>
    public double[] TargetConfidences(CancellationToken cancellationToken)
    {
        var scores = new double[Rows];
        for (var r = 0; r < Rows; r++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            scores[r] = Scoring.TryScore(input.Model, pool.Row(r), scores.AsSpan(r, 1), cancellationToken) ? LogOdds(scores[r], labels[r]) : double.NaN;
        }

        return scores;
    }

    private double[] Confidences(IScorer model, CancellationToken cancellationToken)
    {
        var scores = new double[Rows];
        model.Score(pool.Values.Span, scores, cancellationToken);
        return [.. scores.Select((s, r) => LogOdds(s, labels[r]))];
    }

    /// <summary>Log-odds of the probability given to the true label, cut at ±16 so that saturated scores keep an order among rows.</summary>
    private static double LogOdds(double score, double label)
    {
        var p = label == 1 ? score : 1 - score;
        return double.IsNaN(p) ? double.NaN : Math.Clamp(Math.Log(Math.Max(p, 1e-12)) - Math.Log(Math.Max(1 - p, 1e-12)), -16, 16);
    }

    private (float[] Values, double[] Labels) Take(DataTable table, int limit)
    {
        var outcome = Outcomes.Of(table);
        int[] labelled = [.. Enumerable.Range(0, table.RowCount).Where(r => outcome(r) != Outcomes.Unlabelled)];
        var count = Math.Min(limit, labelled.Length);
        int[] taken = [.. Enumerable.Range(0, count).Select(i => labelled[(int)((long)i * labelled.Length / count)])];
        return (FeatureRows.Gather(table, input.Model.Features, taken), Array.ConvertAll(taken, r => (double)outcome(r)));
    }
}

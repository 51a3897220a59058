using Governance.Checks.Explainability.Reasons;
using Governance.Core;
using Governance.Data;
using Governance.Models;
using Governance.Models.Attribution;
using Governance.Models.Structure;
using System.Runtime.InteropServices;

namespace Governance.Checks.Explainability;

/// <summary>What the explanation checks share: backgrounds, explainers made once per input, and how many rows they may take.</summary>
internal static class Explanation
{
    public static readonly CheckParameter BackgroundRows =
        CheckParameter.Whole("background_rows", "Rows that stand for absent features. The cost of a tree or linear model hardly depends on it.", 100, 1, 100_000);

    /// <summary>Of models that can only be asked for scores.</summary>
    public static readonly CheckParameter BlackBoxRows =
        CheckParameter.Whole("max_rows_black_box", "At most this many rows, when the model's inside cannot be read and every row takes hundreds of scorings for each background row.", 50, 1, 100_000);

    public static readonly CheckParameter BlackBoxBackground =
        CheckParameter.Whole("background_rows_black_box", "Background rows, when the model's inside cannot be read.", 30, 1, 10_000);

    public static readonly CheckParameter MaxReasons =
        CheckParameter.Whole("max_reasons", "Most reasons stated for one decision.", ReasonCodeExplainer.UsualReasons, 1, 20);

    public static ModelStructure? Structure(CheckInput input) => Structure(input.Model);

    /// <summary>The inside of a model; null when it can only be asked for scores.</summary>
    public static ModelStructure? Structure(IScorer model) => (model as IReadableScorer)?.Reading.Structure;

    /// <summary>The rows a check explains: fewer where the model is a black box.</summary>
    public static SampledRows Sample(CheckContext context) => new(
        context, Structure(context.Input) is null ? Math.Min(context.Parameters.Whole(BlackBoxRows.Name), context.Parameters.Whole(SampledRows.Limit.Name)) : context.Parameters.Whole(SampledRows.Limit.Name));

    /// <summary>Background rows wanted of this model.</summary>
    public static int BackgroundCount(CheckContext context) => context.Parameters.Whole(Structure(context.Input) is null ? BlackBoxBackground.Name : BackgroundRows.Name);

    /// <summary>Evenly spaced rows of the training data, or of the evaluation data where there is none.</summary>
    public static Background Average(CheckContext context)
    {
        var input = context.Input;
        var table = input.Training is { RowCount: > 0 } training ? training : input.Evaluation;
        var count = Math.Min(table.RowCount, BackgroundCount(context));
        return Background.Of(input, table, [.. Enumerable.Range(0, count).Select(i => (int)((long)i * table.RowCount / count))]);
    }

    /// <summary>Applicants at or slightly on the good side of the cutoff, of the training data where there is any; null when nobody is favoured.</summary>
    public static Background? AtCutoff(CheckContext context, int count)
    {
        var input = context.Input;
        var table = input.Training is { RowCount: > 0 } training ? training : input.Evaluation;
        var scores = ReferenceEquals(table, input.Evaluation) ? input.EvaluationScores : input.TrainingScores;
        var rows = NearCutoff.Rows(scores.Span, input.Threshold, input.FavourablePrediction, count);
        return rows.Length == 0 ? null : Background.Of(input, table, rows);
    }

    /// <summary>Reasons against the near-cutoff background; null when nobody is favoured.</summary>
    public static Reasoning? Reasons(CheckContext context)
    {
        var count = BackgroundCount(context);
        var most = context.Parameters.Whole(MaxReasons.Name);
        return context.Input.Once<Reasoning?[]>($"reasons {count} {most}", () =>
        {
            var input = context.Input;
            return AtCutoff(context, count) is not { } background
                ? [null]
                : [new(background, ReasonCodeExplainer.Create(input.Model, input.FeatureRules, background.Values, input.FavourablePrediction, most, input.Seed, CancellationToken.None))];
        })[0];
    }

    public static bool IsAdverse(CheckInput input, double score) => !double.IsNaN(score) && (score >= input.Threshold ? 1 : 0) != input.FavourablePrediction;
}

/// <summary>Reasons and what they are measured against. Immutable.</summary>
internal sealed record Reasoning(Background Background, ReasonCodeExplainer Explainer);

/// <summary>Rows that stand for absent features. Immutable.</summary>
/// <param name="Source">Which data they are of: training or evaluation.</param>
/// <param name="Rows">Their numbers there, ascending.</param>
/// <param name="Values">Row-major <c>[rows, features]</c>.</param>
internal sealed record Background(string Source, int[] Rows, float[] Values)
{
    public static Background Of(CheckInput input, DataTable table, int[] rows) =>
        new(ReferenceEquals(table, input.Evaluation) ? "evaluation" : "training", rows, FeatureRows.Gather(table, input.Model.Features, rows));

    /// <summary>Of the values as little-endian float32: what a recomputation must start from.</summary>
    public Digest Digest => Digest.Of(MemoryMarshal.AsBytes(Values.AsSpan()));
}

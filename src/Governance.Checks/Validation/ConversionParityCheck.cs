using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;
using Governance.Models.Structure;

namespace Governance.Checks.Validation;

/// <summary>Is the model in the file the model that was built?</summary>
public sealed class ConversionParityCheck : TallyCheck
{
    private const int Differences = 0;
    private const int Decisions = 1;
    private const int Paths = 2;

    private static readonly CheckParameter Tolerance =
        new("tolerance", "Largest absolute difference of scores that counts as equal.", 1e-5, 0, 1);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "validation.conversion_parity",
        Version = "2",
        Family = CheckFamily.Validation,
        Title = "Conversion parity",
        Purpose = "Does the model file that will be served give the scores of the model that was developed and reviewed?",
        Method = "Every evaluation row is scored by the model file and compared with the reference score that the development environment stored for it: "
            + "largest and mean absolute difference, rows beyond the tolerance, and rows on which the decision at the threshold differs. Of a tree model the leaf each tree of the file sends a row to is also found "
            + "from its nodes, in float32 as they stand, and the sum of these leaves in float64 compared with the running model: a difference beyond the tolerance is another path.",
        SignsOfHighRisk = "Any decision that flips; a largest difference above 1e-5 (float32 rounding explains about 1e-6); differences that gather in rows with "
            + "missing values or at split thresholds, which point to a converter that routes them otherwise.",
        Strengths = "Exact and complete over the rows given; needs neither labels nor assumptions. Every other figure about the file presupposes it.",
        Limits = "Shows agreement on the rows supplied only: a path no row takes is not compared. A reference computed with the same converter would share its faults.",
        Sources = ["Federal Reserve SR 26-2 / OCC 2026-13, implementation testing", "Clopper and Pearson (1934), Biometrika 26"],
        Parameters = [Tolerance, CheckParameters.Confidence],
        Measures =
        [
            new("max_abs_diff", "largest absolute difference of scores", 0),
            new("mean_abs_diff", "mean absolute difference of scores", 0),
            new("decision_flips", "rows whose decision differs", 0),
            new("flip_rate", "share of rows whose decision differs", 0, 1),
            new("rows_beyond_tolerance", "rows whose scores differ by more than the tolerance", 0),
            new("path_mismatches", "rows whose score by the running model is not that of the leaves the file's trees lead to", 0),
        ],
        Thresholds =
        [
            new("max_abs_diff", LimitKind.AtMost, [0.00001], "Single precision.", "model-risk/parity_max_abs_diff"),
            new("path_mismatches", LimitKind.AtMost, [0], "Conversion must not change a path (reference suite: 0 path flips)."),
            new("decision_flips", LimitKind.AtMost, [0], "Conversion must not change a decision."),
        ],
    };

    public override bool IsRowLocal => true;

    protected override string? Lacks(CheckInput input) =>
        Reference(input) is null ? "The evaluation data has no reference score column." : null;

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var scores = context.Input.EvaluationScoresOf(rows).Span;
        var reference = Reference(context.Input)!(rows);
        var differences = tally.Map(Differences, 1);
        long same = 0, flipped = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var bothMissing = double.IsNaN(scores[i]) && double.IsNaN(reference[i]);
            differences.Add(bothMissing ? 0 : Math.Abs(scores[i] - reference[i]), 0);
            var flips = scores[i] >= context.Input.Threshold != reference[i] >= context.Input.Threshold;
            same += flips ? 0 : 1;
            flipped += flips ? 1 : 0;
        }

        CountPaths(context, rows, scores, tally, cancellationToken);
        tally.Map(Decisions, 2).Add(0, 0, same);
        tally.Map(Decisions, 2).Add(0, 1, flipped);
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var differences = tally.Map(Differences, 1);
        var flips = tally.Map(Decisions, 2).Total(1);
        var tolerance = context.Parameters[Tolerance.Name];
        double sum = 0, largest = 0;
        long beyond = 0, unmatched = 0, rows = differences.Total(0);
        for (var i = 0; i < differences.Length; i++)
        {
            var key = differences.Key(i);
            var count = differences.Count(i, 0);
            if (double.IsNaN(key))
            {
                unmatched = count;
                continue;
            }

            sum += key * count;
            largest = key;
            beyond += key > tolerance ? count : 0;
        }

        var figures = new Figures();
        if (unmatched > 0)
        {
            var note = $"{unmatched} rows have a score on one side only, so the difference has no value.";
            figures.Undefined("max_abs_diff", note, count: rows);
            figures.Undefined("mean_abs_diff", note, count: rows);
        }
        else
        {
            figures.Add("max_abs_diff", largest, count: rows);
            figures.Add("mean_abs_diff", sum / rows, count: rows);
        }

        figures.Add("decision_flips", flips, count: rows);
        figures.Add("flip_rate", (double)flips / rows, interval: Proportion.ClopperPearson(flips, rows, context.Confidence), count: rows);
        figures.Add("rows_beyond_tolerance", beyond + unmatched, count: rows);
        AddPaths(figures, tally.Map(Paths, 1), tolerance);
        return new Finding(
            string.Create(CultureInfo.InvariantCulture,
                $"Over {rows} rows the scores differ by at most {(unmatched > 0 ? "an undefined amount" : Figures.Text(largest))}; {flips} decisions differ, {beyond + unmatched} rows are beyond {Figures.Text(tolerance)}."),
            figures.All);
    }

    /// <summary>Distances of the running model's scores from those of the leaves that the nodes of the file lead to.</summary>
    private static void CountPaths(CheckContext context, RowRange rows, ReadOnlySpan<double> scores, TallyBuilder tally, CancellationToken cancellationToken)
    {
        if ((context.Input.Model as IReadableScorer)?.Reading.Structure is not TreeStructure trees)
        {
            return;
        }

        var width = context.Input.Model.Features.Count;
        var values = FeatureRows.Gather(context.Input.Evaluation, context.Input.Model.Features, Enumerable.Range(rows.Start, rows.Count));
        for (var i = 0; i < rows.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            tally.Map(Paths, 1).Add(Math.Abs(scores[i] - trees.ScoreOf(trees.Margin(values.AsSpan(i * width, width)))), 0);
        }
    }

    private static void AddPaths(Figures figures, CountMap differences, double tolerance)
    {
        if (differences.Length == 0)
        {
            figures.Undefined("path_mismatches", "The model is no tree model whose nodes can be read.", count: 0);
            return;
        }

        var mismatches = Enumerable.Range(0, differences.Length).Where(i => !(differences.Key(i) <= tolerance)).Sum(i => differences.Count(i, 0));
        figures.Add("path_mismatches", mismatches, count: differences.Total(0), note: $"Largest distance: {Figures.Text(differences.Key(differences.Length - 1))}.");
    }

    private static Func<RowRange, double[]>? Reference(CheckInput input) =>
        input.Evaluation.WithRole(ColumnRole.ReferenceScore).FirstOrDefault() switch
        {
            Float64Column c => rows => c.Values.Span.Slice(rows.Start, rows.Count).ToArray(),
            Float32Column c => rows => Array.ConvertAll(c.Values.Span.Slice(rows.Start, rows.Count).ToArray(), v => (double)v),
            _ => null,
        };
}

using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Models;

namespace Governance.Checks.Robustness;

/// <summary>Do decisions hang on the last bit of an input, on which rows are scored together, or on how the runtime is set?</summary>
public sealed class NumericalStabilityCheck : TallyCheck
{
    private const int Same = 0;
    private const int Flipped = 1;
    private const int NoScore = 2;
    private const int Width = 3;

    private const string Runtime = "runtime_";

    private static readonly (string Name, string Words)[] Inputs =
        [("ulp_up", "with every input one float32 higher"), ("ulp_down", "with every input one float32 lower"), ("batch", "scored among other rows instead of alone")];

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "robustness.numerical",
        Version = "2",
        Family = CheckFamily.Robustness,
        Title = "Numerical stability",
        Purpose = "Would the same applicant get the same decision if an input were rounded differently, if other applicants were scored in the same batch, or if the runtime were set otherwise?",
        Method = "Every sampled row is scored alone; then with all its inputs moved to the next float32 above, to the next below, and unchanged within a batch of up to 256 rows. "
            + "A model that ONNX Runtime runs is also scored, row by row and unchanged, by sessions with other settings: the graph unoptimised, basic optimisation only, two threads inside an operator, no memory arena; and on the processor where it runs on a GPU. "
            + "Largest difference of scores and count of decisions that change, with Clopper-Pearson's interval of their rate.",
        SignsOfHighRisk = "Any decision that changes with the batch: an answer that depends on strangers cannot be explained. Jumps of the score at one float32: a split threshold that coincides with values people have.",
        Strengths = "Exact and deterministic; finds thresholds that sit on data values, and sums that depend on the batch, on threads or on how the graph was rewritten.",
        Limits = "All inputs move in the same direction at once: mixed directions are not tried. Whole numbers and codes are moved too, though nothing would deliver them a float32 off: trees that split exactly on them flip here without harm. Rows are those of the sample. Settings of one runtime on one machine are tried: another version of it, another processor or another vendor's runtime may differ.",
        Sources = ["IEEE 754-2019, nextUp and nextDown", "Clopper and Pearson (1934), Biometrika 26"],
        Parameters = [SampledRows.Limit with { Default = 2000 }, CheckParameters.Confidence],
        Measures =
        [
            new("max_abs_diff", "largest difference of scores under one variant", 0),
            new("decision_flips", "decisions that change under one variant", 0),
            new("decision_flip_rate", "share of decisions that change", 0, 1),
            new("max_decision_flips", "the most over the variants", 0),
            new("max_runtime_flips", "the most over other settings of the runtime", 0),
        ],
        Thresholds =
        [
            new("decision_flip_rate", LimitKind.AtMost, [0.001, 0.002, 0.005], "House; variants that move the inputs by one float32.", "model-risk/rounding_flip_rate_max"),
            new("max_runtime_flips", LimitKind.AtMost, [0], "How a runtime is set must not change a decision (reference suite: 0 decision flips)."),
        ],
    };

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var sample = new SampledRows(context);
        foreach (var positions in sample.BlocksIn(rows))
        {
            var values = FeatureRows.Gather(context.Input.Evaluation, context.Input.Model.Features, Array.ConvertAll(positions, p => sample[p]));
            var alone = ScoreAlone(context.Input.Model, values, positions.Length, cancellationToken);
            Compare(context, tally, 0, alone, ScoreAlone(context.Input.Model, Array.ConvertAll(values, MathF.BitIncrement), positions.Length, cancellationToken));
            Compare(context, tally, 1, alone, ScoreAlone(context.Input.Model, Array.ConvertAll(values, MathF.BitDecrement), positions.Length, cancellationToken));
            Compare(context, tally, 2, alone, ScoreTogether(context, values, alone, cancellationToken));
            foreach (var (index, variant) in OtherSettings(context).Index())
            {
                Compare(context, tally, Inputs.Length + index, alone, ScoreAlone(variant.Scorer, values, positions.Length, cancellationToken));
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        (string Name, string Words)[] variants = [.. Inputs, .. OtherSettings(context).Select(v => (v.Name, v.Words))];
        var figures = new Figures();
        for (var v = 0; v < variants.Length; v++)
        {
            var differences = tally.Map(2 * v, 1);
            var decisions = tally.Map((2 * v) + 1, Width);
            var group = $"variant={variants[v].Name}";
            long flips = decisions.Total(Flipped), rows = flips + decisions.Total(Same), none = decisions.Total(NoScore);
            if (rows == 0)
            {
                figures.Undefined("decision_flips", "No row has a score both ways.", group, 0);
                figures.Undefined("max_abs_diff", "No row has a score both ways.", group, 0);
                continue;
            }

            var note = none > 0 ? $"The same rows {variants[v].Words}; {none} rows have no score one way or the other." : $"The same rows {variants[v].Words}.";
            figures.Add("max_abs_diff", differences.Key(differences.Length - 1), group, count: rows, note: note);
            figures.Add("decision_flips", flips, group, count: rows, note: note);
            figures.Add("decision_flip_rate", (double)flips / rows, group, Proportion.ClopperPearson(flips, rows, context.Confidence), rows, note: note);
        }

        var all = figures.All.Where(m => m.Name == "decision_flips" && m.Value is not null).ToArray();
        AddMost(figures, "max_decision_flips", all, "No row has a score both ways.");
        AddMost(figures, "max_runtime_flips", [.. all.Where(m => m.Group!.StartsWith("variant=" + Runtime, StringComparison.Ordinal))],
            variants.Length == Inputs.Length ? "The model is not run by a runtime whose settings can be changed here." : "No row has a score both ways.");
        return new Finding(
            all.Length == 0
                ? "The model gives no score to compare."
                : string.Create(CultureInfo.InvariantCulture, $"Of {all[0].Count} decisions change {string.Join(", ", all.Select(m => $"{m.Value} {variants.First(v => m.Group == "variant=" + v.Name).Words}"))}."),
            figures.All)
        {
            Limitations = new SampledRows(context).Limitation is { } sampled ? [sampled] : [],
        };
    }

    private static void AddMost(Figures figures, string name, Measure[] flips, string none)
    {
        if (flips.Length == 0)
        {
            figures.Undefined(name, none, count: 0);
        }
        else
        {
            figures.Add(name, flips.Max(m => m.Value), count: flips[0].Count);
        }
    }

    private static IReadOnlyList<RuntimeVariant> OtherSettings(CheckContext context) => (context.Input.Model as IRuntimeVariants)?.Variants ?? [];

    private static double[] ScoreAlone(IScorer model, float[] values, int rows, CancellationToken cancellationToken)
    {
        var width = model.Features.Count;
        var scores = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            scores[i] = Scoring.OrNaN(model, values.AsSpan(i * width, width), cancellationToken);
        }

        return scores;
    }

    /// <summary>Only rows that can be scored alone, so that one refused row does not spoil its batch.</summary>
    private static double[] ScoreTogether(CheckContext context, float[] values, double[] alone, CancellationToken cancellationToken)
    {
        var width = context.Input.Model.Features.Count;
        var kept = Enumerable.Range(0, alone.Length).Where(i => !double.IsNaN(alone[i])).ToArray();
        var scores = new double[kept.Length];
        var scored = Scoring.TryScore(context.Input.Model, kept.SelectMany(i => values.Skip(i * width).Take(width)).ToArray(), scores, cancellationToken);
        var result = new double[alone.Length];
        Array.Fill(result, double.NaN);
        for (var k = 0; k < kept.Length && scored; k++)
        {
            result[kept[k]] = scores[k];
        }

        return result;
    }

    private static void Compare(CheckContext context, TallyBuilder tally, int variant, double[] alone, double[] other)
    {
        for (var i = 0; i < alone.Length; i++)
        {
            if (double.IsNaN(alone[i]) || double.IsNaN(other[i]))
            {
                tally.Map((2 * variant) + 1, Width).Add(0, NoScore);
                continue;
            }

            tally.Map(2 * variant, 1).Add(Math.Abs(alone[i] - other[i]), 0);
            tally.Map((2 * variant) + 1, Width).Add(0, alone[i] >= context.Input.Threshold != other[i] >= context.Input.Threshold ? Flipped : Same);
        }
    }
}

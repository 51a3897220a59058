using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;
using Governance.Models;
using Governance.Models.Structure;
using Governance.Models.Trees;

namespace Governance.Checks.Explainability;

/// <summary>Does the score move with a feature in the direction people expect, for everybody?</summary>
public sealed class MonotonicityCheck : TallyCheck
{
    private const int Rises = 0;
    private const int Falls = 1;
    private const int Both = 2;
    private const int Flat = 3;

    private static readonly CheckParameter GridPoints = CheckParameter.Whole("grid_points", "Most values a feature is moved over, for each row: tree thresholds or quantiles.", 48, 3, 1000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "explainability.monotonicity",
        Version = "1",
        Family = CheckFamily.Explainability,
        Title = "Monotonicity",
        Purpose = "Is more debt never rewarded and more income never punished: does each feature move the score one way only, for every applicant there could be?",
        Method = "Trees: proof by enumeration. Two leaves that differ in the range of one feature alone must be in order; when all are, in every tree, the model is monotone for every input. Linear models: the sign of the coefficient. "
            + "Beside it, for every sampled row, the feature is moved over its thresholds (or the data's quantiles) with all else kept; rows whose score moves against the declared direction are counted, with Clopper-Pearson's interval.",
        SignsOfHighRisk = "A declared direction that is violated for some rows: two applicants who differ in this feature only are ranked the wrong way round. A direction that is opposite to the one declared.",
        Strengths = "A proof holds for all inputs, not for a sample; violations come with how many applicants they concern.",
        Limits = "Trees that are not monotone one by one may be monotone in sum: such features are 'not proven', and only sampled. Missing values are outside the order. One-hot columns have none. Black-box models are sampled only: no violation found is no proof.",
        Sources = ["Potharst and Feelders (2002), SIGKDD Explorations 4", "XGBoost documentation, Monotonic Constraints", "Clopper and Pearson (1934), Biometrika 26"],
        Parameters = [SampledRows.Limit with { Default = 100 }, GridPoints, CheckParameters.Confidence],
        Measures =
        [
            new("violation_rate", "share of rows on which a feature moves the score against its declared direction", 0, 1),
            new("proven_features", "features whose direction is proven from the trees or coefficients", 0),
            new("declared_violated", "declared directions that are violated", 0),
        ],
        Tables = [new("monotonicity", ["feature", "declared", "finding", "rises", "falls", "rows"])],
        Thresholds =
        [
            new("declared_violated", LimitKind.AtMost, [0], "A declared direction holds exactly, or is not declared."),
        ],
    };

    protected override bool ReadsFeatureRules => true;

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var sample = new SampledRows(context);
        var grids = FeatureGrids.Of(context, context.Parameters.Whole(GridPoints.Name));
        var width = input.Model.Features.Count;
        var answers = new Answers(input);
        foreach (var position in sample.PositionsIn(rows))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var row = FeatureRows.Gather(input.Evaluation, input.Model.Features, [sample[position]]);
            for (var f = 0; f < width; f++)
            {
                var outputs = answers.Along(row, f, grids[f], cancellationToken);
                var (up, down) = (false, false);
                for (var i = 1; i < outputs.Length; i++)
                {
                    up |= outputs[i] - outputs[i - 1] > answers.Noise;
                    down |= outputs[i - 1] - outputs[i] > answers.Noise;
                }

                tally.Map(f, 1).Add((up, down) switch { (true, true) => Both, (true, false) => Rises, (false, true) => Falls, _ => Flat }, 0);
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var proven = Proofs(input, cancellationToken);
        var figures = new Figures();
        var lines = new List<IReadOnlyList<Cell>>();
        int declared = 0, violated = 0, proofs = 0, against = 0;
        for (var f = 0; f < input.Model.Features.Count; f++)
        {
            var name = input.Model.Features[f];
            var map = tally.Map(f, 1);
            long rows = map.Total(), both = map.CountOf(Both, 0), rises = map.CountOf(Rises, 0) + both, falls = map.CountOf(Falls, 0) + both;
            var wanted = input.FeatureRules.GetValueOrDefault(name, FeatureRule.None).Monotone;
            var direction = proven[f];
            proofs += direction is ProvenDirection.None ? 0 : 1;
            var bad = wanted is Direction.Up ? falls : rises;
            var isProven = direction is ProvenDirection.Flat || (direction, wanted) is (ProvenDirection.Increasing, Direction.Up) or (ProvenDirection.Decreasing, Direction.Down);
            var finding = direction switch
            {
                ProvenDirection.Flat => "proven: no influence",
                ProvenDirection.Increasing => "proven: never falls",
                ProvenDirection.Decreasing => "proven: never rises",
                _ => rises > 0 && falls > 0 ? "goes both ways" : rises > 0 ? "rises in the sample, not proven" : falls > 0 ? "falls in the sample, not proven" : "flat in the sample, not proven",
            };
            if (wanted is not Direction.Any)
            {
                declared++;
                violated += bad > 0 ? 1 : 0;
                against += (direction, wanted) is (ProvenDirection.Increasing, Direction.Down) or (ProvenDirection.Decreasing, Direction.Up) ? 1 : 0;
                figures.Add("violation_rate", rows == 0 ? null : (double)bad / rows, $"feature={name}", rows == 0 || isProven ? null : Proportion.ClopperPearson(bad, rows, context.Confidence), rows,
                    note: isProven ? "Proven: no input violates it." : "Share of sampled rows whose score moves against the declared direction somewhere.");
            }

            lines.Add([name, wanted.ToString().ToLowerInvariant(), finding, (double)rises, (double)falls, (double)rows]);
        }

        figures.Add("proven_features", proofs, count: input.Model.Features.Count, note: "Features whose direction is proven for every input.");
        if (declared == 0)
        {
            figures.Undefined("declared_violated", "No direction is declared for any feature.", count: 0);
            figures.Undefined("violation_rate", "No direction is declared for any feature.", count: 0);
        }
        else
        {
            figures.Add("declared_violated", violated, count: declared, note: against > 0 ? $"{against} of them are proven to move the other way." : null);
        }

        return new Finding(
            string.Create(CultureInfo.InvariantCulture, $"{proofs} of {input.Model.Features.Count} features are proven to move the score one way only; of {declared} declared directions {violated} are violated."),
            figures.All)
        {
            Tables = [new Table("monotonicity", "Direction of each feature", [new("feature", "Feature", "text"), new("declared", "Declared", "text"), new("finding", "Finding", "text"), new("rises", "Rows that rise somewhere", "integer"), new("falls", "Rows that fall somewhere", "integer"), new("rows", "Rows", "integer")], lines)],
            Limitations = new SampledRows(context).Limitation is { } limitation ? [limitation] : [],
        };
    }

    private static ProvenDirection[] Proofs(CheckInput input, CancellationToken cancellationToken) => Explanation.Structure(input) switch
    {
        TreeStructure trees => TreeMonotonicity.Prove(trees, cancellationToken),
        LinearStructure linear => [.. input.Model.Features.Select((_, f) => OfLinear(linear, f))],
        _ => new ProvenDirection[input.Model.Features.Count],
    };

    /// <summary>By the signs of all columns of a feature; scaling keeps or turns the order, one-hot columns have none.</summary>
    private static ProvenDirection OfLinear(LinearStructure model, int feature)
    {
        var signs = model.Columns.Columns.Index().Where(c => c.Item.Source == feature).Select(c =>
        {
            var sign = (double)Math.Sign(model.Model.Coefficients[c.Index]);
            foreach (var step in c.Item.Steps)
            {
                sign *= step.Operation switch
                {
                    ColumnOperation.Scale => Math.Sign(step.B),
                    ColumnOperation.Multiply or ColumnOperation.Divide => Math.Sign(step.A),
                    ColumnOperation.Add => 1,
                    ColumnOperation.Impute when float.IsNaN(step.A) => 1,
                    _ => double.NaN,
                };
            }

            return sign;
        }).Where(s => s != 0).Distinct().ToArray();
        return signs switch { [] => ProvenDirection.Flat, [1] => ProvenDirection.Increasing, [-1] => ProvenDirection.Decreasing, _ => ProvenDirection.None };
    }
}

/// <summary>The model's answers while one feature moves: the float64 margin where the inside can be read, else the score. Not thread-safe.</summary>
internal sealed class Answers(IScorer model, double threshold)
{
    private readonly ModelStructure? structure = Explanation.Structure(model);

    public Answers(CheckInput input)
        : this(input.Model, input.Threshold)
    {
    }

    /// <summary>Whether the inside can be read.</summary>
    public bool AreMargins => structure is not null;

    /// <summary>Differences up to this are rounding, not direction.</summary>
    public double Noise => structure is null ? 1e-6 : 1e-9;

    /// <summary>Answers with a feature at each of some values and all else as in the row.</summary>
    public double[] Along(float[] row, int feature, float[] values, CancellationToken cancellationToken)
    {
        var outputs = new double[values.Length];
        var rows = new float[values.Length * row.Length];
        for (var i = 0; i < values.Length; i++)
        {
            row.CopyTo(rows, i * row.Length);
            rows[(i * row.Length) + feature] = values[i];
        }

        Of(rows, outputs, cancellationToken);
        return outputs;
    }

    /// <summary>Answers of whole rows.</summary>
    public void Of(ReadOnlySpan<float> rows, Span<double> outputs, CancellationToken cancellationToken)
    {
        if (structure is null)
        {
            model.Score(rows, outputs, cancellationToken);
            return;
        }

        var width = model.Features.Count;
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i] = structure.Margin(rows.Slice(i * width, width));
        }
    }

    /// <summary>The answer at which the decision changes.</summary>
    public double Threshold => structure is null ? threshold : structure.MarginOf(threshold);
}

/// <summary>Values at which a feature is tried.</summary>
internal static class FeatureGrids
{
    /// <summary>Those of the model of a check, over its evaluation data.</summary>
    public static float[][] Of(CheckContext context, int most) =>
        context.Input.Once($"grids {most}", () => Of(context.Input.Model, f => Seen(context.Input, f), most));

    /// <summary>For each feature, ascending: both sides of the thresholds of trees that ask for it as it is, else values of the data; never more than asked for.</summary>
    /// <param name="seen">The data's values of a feature, ascending.</param>
    public static float[][] Of(IScorer model, Func<string, float[]> seen, int most)
    {
        var thresholds = new SortedSet<float>[model.Features.Count];
        if (Explanation.Structure(model) is TreeStructure trees)
        {
            foreach (var node in trees.Trees.Nodes.Span)
            {
                if (node.Mode is not BranchMode.Leaf && trees.Columns.Columns[node.Feature] is { Steps.Count: 0 } column)
                {
                    var own = thresholds[column.Source] ??= [];
                    own.Add(node.Threshold);
                    own.Add(node.Mode is BranchMode.Less or BranchMode.GreaterOrEqual ? MathF.BitDecrement(node.Threshold) : MathF.BitIncrement(node.Threshold));
                }
            }
        }

        return [.. model.Features.Select((f, i) => Thin(thresholds[i] is { } own ? [.. own.Where(float.IsFinite)] : seen(f), most))];
    }

    /// <summary>Distinct finite values of a column of the evaluation data, ascending.</summary>
    public static float[] Seen(CheckInput input, string feature) => input.Once($"values {feature}", () => Seen(input.Evaluation, feature));

    /// <summary>Distinct finite values of a column, ascending.</summary>
    public static float[] Seen(DataTable table, string feature) => [.. ((Float32Column)table[feature]).Values.ToArray().Where(float.IsFinite).Distinct().Order()];

    /// <summary>Evenly spaced by rank, first and last kept.</summary>
    public static float[] Thin(float[] values, int most) =>
        values.Length <= most ? values : [.. Enumerable.Range(0, most).Select(i => values[(int)((long)i * (values.Length - 1) / (most - 1))])];
}

using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;
using Governance.Models;
using Governance.Models.Training;

namespace Governance.Checks.Privacy;

/// <summary>Does access to the model reveal an input of a person that the attacker did not know?</summary>
public sealed class AttributeInferenceCheck : TallyCheck
{
    private const int Others = 0;
    private const int Members = 1;
    private const int Width = 4;
    private const int StreamId = 0x41545452;

    private static readonly CheckParameter Levels = CheckParameter.Whole("max_levels", "Features with at most this many different values are attacked.", 5, 2, 20);
    private static readonly CheckParameter Limit = CheckParameter.Whole("max_rows", "At most this many training rows and as many evaluation rows, evenly spaced, are used.", 1000, 60, 100_000);
    private static readonly BoostedTreesSettings Attacker = new(Rounds: 20, Depth: 2, LearningRate: 0.2, MinLeafRows: 10);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "privacy.attribute_inference",
        Version = "1",
        Family = CheckFamily.Privacy,
        Title = "Attribute inference",
        Purpose = "Could somebody who knows all of a person's data but one item, and the outcome, find that item out by asking the model?",
        Method = "For each feature with few values, attackers (boosted trees) learn from half of the evaluation rows. The first, without the model, guesses the feature from the other features and the outcome. The second guesses it from the other features alone and "
            + "weighs each value by the probability that the model gives to the known outcome when asked about the person with that value. Both guess for training rows and for the other evaluation rows. Advantage = share of right guesses with the model minus share "
            + "without, with Agresti and Min's interval and McNemar's exact test on the training rows, Holm over features. Memorisation = advantage on training rows minus advantage on the others.",
        SignsOfHighRisk = "An advantage whose interval lies above 0 on a sensitive feature; a memorisation above 0, which is leakage about the very people in the training data rather than a fact about the population.",
        Strengths = "Measured against an attacker without the model, so that what is common knowledge is not blamed on the model; the same rows answer both, which makes the comparison sharp.",
        Limits = "One attacker of moderate strength: a stronger one may gain more. Features with many values are not attacked. A gain on all rows alike is what any accurate model gives away.",
        Sources = ["Fredrikson, Jha and Ristenpart (2015), CCS", "Mehnaz et al. (2022), Are your sensitive attributes private?, USENIX Security", "McNemar (1947), Psychometrika 12", "Agresti and Min (2005), Statistics in Medicine 24"],
        Parameters = [Levels, Limit, CheckParameters.Confidence],
        Measures =
        [
            new("attack_accuracy", "share of right guesses with the model", 0, 1),
            new("baseline_accuracy", "share of right guesses without it", 0, 1),
            new("advantage", "the first less the second", -1, 1),
            new("memorisation", "advantage on training rows less that on others", -2, 2),
            new("max_advantage", "largest advantage over the features", -1, 1),
        ],
    };

    protected override bool IsSeeded => true;

    protected override string? Lacks(CheckInput input) =>
        input.Training is null ? "No training data is registered." : Outcomes.Lacks(input.Evaluation) ?? Outcomes.Lacks(input.Training);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var features = context.Input.Model.Features;
        foreach (var f in WorkItems.In(context.Input, rows, features.Count))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Target.Of(context, f) is { } target)
            {
                target.Attack(tally.Map(f, Width), cancellationToken);
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var features = context.Input.Model.Features;
        var attacked = features.Select((name, f) => (Group: $"feature={name}", Members: Pairs(tally.Map(f, Width), Members), Others: Pairs(tally.Map(f, Width), Others)))
            .Where(a => a.Members.Total > 0).ToArray();
        var pValues = attacked.Select(a => a.Members.McNemar).ToArray();
        var adjusted = Multiplicity.Holm(pValues);
        var figures = new Figures();
        for (var i = 0; i < attacked.Length; i++)
        {
            var (group, members, others) = attacked[i];
            figures.Add("attack_accuracy", members.FirstRate, group, Proportion.ClopperPearson(members.Both + members.FirstOnly, members.Total, context.Confidence), members.Total);
            figures.Add("baseline_accuracy", members.SecondRate, group, Proportion.ClopperPearson(members.Both + members.SecondOnly, members.Total, context.Confidence), members.Total);
            figures.Add("advantage", members.Difference, group, members.Interval(context.Confidence), members.Total, pValues[i], adjusted[i], $"McNemar exact, Holm over {attacked.Length} features");
            if (others.Total > 0)
            {
                var (a, b) = (members.Interval(context.Confidence), others.Interval(context.Confidence));
                var difference = members.Difference - others.Difference;
                var half = Math.Sqrt(((a.Upper - a.Lower) * (a.Upper - a.Lower)) + ((b.Upper - b.Lower) * (b.Upper - b.Lower))) / 2;
                figures.Add("memorisation", difference, group, new Interval(difference - half, difference + half, context.Confidence, "root of squares of Agresti-Min"), members.Total + others.Total);
            }
            else
            {
                figures.Insufficient("memorisation", "No evaluation rows are left to compare with.", group, members.Total);
            }
        }

        var worst = figures.All.Where(m => m.Name == "advantage").MaxBy(m => m.Value);
        if (worst is null)
        {
            figures.Insufficient("max_advantage", "No feature has few values, both of them known in enough labelled rows.");
        }
        else
        {
            figures.Add("max_advantage", worst.Value, interval: new Interval(worst.Lower!.Value, worst.Upper!.Value, worst.Level!.Value, worst.Interval!), count: worst.Count,
                pValue: worst.PValue, adjusted: worst.AdjustedPValue, test: worst.Test, note: worst.Group + ".");
        }

        return new Finding(
            worst is null ? "There is no feature to attack." : $"Of {attacked.Length} features the model helps most to guess {worst.Group!["feature=".Length..]}: {Figures.Text(worst)} more right guesses than without it.",
            figures.All)
        {
            Limitations = [string.Create(CultureInfo.InvariantCulture, $"{features.Count - attacked.Length} of {features.Count} features have too many values, or too few rows, and were not attacked.")],
        };
    }

    /// <summary>First answer: with the model; second: without.</summary>
    private static PairedCounts Pairs(CountMap map, int side) => new(map.CountOf(side, 0), map.CountOf(side, 1), map.CountOf(side, 2), map.CountOf(side, 3));

    /// <summary>One feature with few values and the rows to learn and guess on. Immutable.</summary>
    private sealed class Target
    {
        private const int LeastRows = 20;
        private readonly CheckInput input;
        private readonly int feature;
        private readonly float[] levels;
        private readonly Known learn;
        private readonly Known members;
        private readonly Known others;

        private Target(CheckInput input, int feature, float[] levels, Known learn, Known members, Known others)
        {
            this.input = input;
            this.feature = feature;
            this.levels = levels;
            this.learn = learn;
            this.members = members;
            this.others = others;
        }

        public static Target? Of(CheckContext context, int feature)
        {
            var (input, limit) = (context.Input, context.Parameters.Whole(Limit.Name));
            var evaluation = Known.Take(input.Evaluation, input.Model, feature, limit);
            var training = Known.Take(input.Training!, input.Model, feature, limit);
            var (first, second) = evaluation.Split();
            float[] values = [.. first.Values(feature).Distinct().Order()];
            return values.Length >= 2 && values.Length <= context.Parameters.Whole(Levels.Name) && first.Count >= LeastRows && training.Count >= LeastRows
                ? new Target(input, feature, values, first, training, second)
                : null;
        }

        public void Attack(CountMapBuilder map, CancellationToken cancellationToken)
        {
            var (ignorant, informed) = (Learn(knowsOutcome: false, cancellationToken), Learn(knowsOutcome: true, cancellationToken));
            foreach (var (side, rows) in new[] { (Others, others), (Members, members) })
            {
                var truth = rows.Values(feature).ToArray();
                double[][] with = ignorant(rows), without = informed(rows);
                Ask(rows, with, cancellationToken);
                for (var i = 0; i < truth.Length; i++)
                {
                    var (first, second) = (Guess(with[i]) == truth[i], Guess(without[i]) == truth[i]);
                    map.Add(side, first ? (second ? 0 : 1) : second ? 2 : 3);
                }
            }
        }

        /// <summary>The likeliest value, the lowest of equals.</summary>
        private float Guess(double[] weights) => levels[Enumerable.Range(0, weights.Length).MaxBy(l => weights[l])];

        /// <summary>Weighs each value by what the model says of the outcome under it.</summary>
        private void Ask(Known rows, double[][] weights, CancellationToken cancellationToken)
        {
            var row = new float[input.Model.Features.Count];
            for (var r = 0; r < rows.Count; r++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                rows.Row(r).CopyTo(row);
                for (var l = 0; l < levels.Length; l++)
                {
                    row[feature] = levels[l];
                    var score = Scoring.OrNaN(input.Model, row, cancellationToken);
                    weights[r][l] *= double.IsNaN(score) ? 0.5 : rows.Label(r) == 1 ? score : 1 - score;
                }
            }
        }

        /// <summary>Weight of every value by one model per value against all others; with two values one model does for both.</summary>
        private Func<Known, double[][]> Learn(bool knowsOutcome, CancellationToken cancellationToken)
        {
            var data = Describe(learn, knowsOutcome);
            var truth = learn.Values(feature).ToArray();
            var targets = levels.Length == 2 ? levels[1..] : levels;
            var models = targets.Select((level, i) =>
                BoostedTrees.Fit(data, Array.ConvertAll(truth, t => t == level ? 1.0 : 0), Attacker, input.Seed ^ StreamId ^ i, cancellationToken)).ToArray();
            return rows =>
            {
                var described = Describe(rows, knowsOutcome);
                var scores = models.Select(m =>
                {
                    var s = new double[described.RowCount];
                    m.Score(described.Values.Span, s, cancellationToken);
                    return s;
                }).ToArray();
                return [.. Enumerable.Range(0, rows.Count).Select(r => levels.Length == 2 ? [1 - scores[0][r], scores[0][r]] : scores.Select(s => s[r]).ToArray())];
            };
        }

        /// <summary>The other features; in the place of the attacked one stands the outcome when it is known.</summary>
        private FeatureMatrix Describe(Known rows, bool knowsOutcome)
        {
            var width = input.Model.Features.Count;
            var values = new float[rows.Count * width];
            for (var r = 0; r < rows.Count; r++)
            {
                rows.Row(r).CopyTo(values.AsSpan(r * width));
                values[(r * width) + feature] = knowsOutcome ? rows.Label(r) : 0;
            }

            return new FeatureMatrix(input.Model.Features, rows.Count, values);
        }
    }

    /// <summary>Labelled rows in which the feature is known. Immutable.</summary>
    private sealed record Known(FeatureMatrix Data, float[] Labels)
    {
        public int Count => Labels.Length;

        public ReadOnlySpan<float> Row(int row) => Data.Row(row);

        public float Label(int row) => Labels[row];

        public IEnumerable<float> Values(int feature) => Enumerable.Range(0, Count).Select(r => Data.Row(r)[feature]);

        /// <summary>Every second row each.</summary>
        public (Known Even, Known Odd) Split() => (Half(0), Half(1));

        public static Known Take(DataTable table, IScorer model, int feature, int limit)
        {
            var outcome = Outcomes.Of(table);
            var column = ((Float32Column)table[model.Features[feature]]).Values;
            int[] usable = [.. Enumerable.Range(0, table.RowCount).Where(r => outcome(r) != Outcomes.Unlabelled && float.IsFinite(column.Span[r]))];
            var count = Math.Min(limit, usable.Length);
            int[] taken = [.. Enumerable.Range(0, count).Select(i => usable[(int)((long)i * usable.Length / count)])];
            return new Known(FeatureMatrix.Of(table, model.Features, taken), Array.ConvertAll(taken, r => (float)outcome(r)));
        }

        private Known Half(int parity)
        {
            int[] rows = [.. Enumerable.Range(0, Count).Where(r => r % 2 == parity)];
            return new Known(
                new FeatureMatrix(Data.Features, rows.Length, rows.SelectMany(r => Data.Row(r).ToArray()).ToArray()), Array.ConvertAll(rows, r => Labels[r]));
        }
    }
}

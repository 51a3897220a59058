using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Explainability;

/// <summary>What does the model lose when one feature loses its meaning?</summary>
public sealed class PermutationImportanceCheck : TallyCheck
{
    private const int Baseline = 0;

    private static readonly CheckParameter Replicates = CheckParameter.Whole("replicates", "Random permutations of each feature.", 5, 1, 100);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "explainability.permutation_importance",
        Version = "1",
        Family = CheckFamily.Explainability,
        Title = "Permutation importance",
        Purpose = "Which features does the ranking of applicants rest on, and would it stand without them?",
        Method = "Each feature in turn is permuted among the rows, all else kept, and the rows are scored again; importance is the AUC before minus the AUC after, as the mean over replicates with standard deviation and a "
            + "Student t interval over them. Permutations are uniform (Durstenfeld) from SplitMix64 streams of seed, feature and replicate.",
        SignsOfHighRisk = "One feature that carries most of the AUC; an important feature that is a proxy of a protected attribute, can be changed at will by the applicant, or that nobody can explain; "
            + "important features that are unstable in the drift check.",
        Strengths = "Works on any model as a black box; measured on the figure that matters.",
        Limits = "Correlated features share or hide importance, and permuted rows may be combinations that never occur. The interval covers the randomness of the permutations, not of the sample of rows. "
            + "Importance for the ranking is no reason for a single decision.",
        Sources = ["Breiman (2001), Machine Learning 45", "Fisher, Rudin and Dominici (2019), JMLR 20", "Hooker, Mentch and Zhou (2021), Statistics and Computing 31"],
        Parameters = [Replicates, SampledRows.Limit, CheckParameters.Confidence],
        Measures =
        [
            new("auc", "AUC on the rows used", 0, 1),
            new("auc_drop", "mean fall of AUC when a feature is permuted", -1, 1),
            new("auc_drop_sd", "standard deviation of the fall over permutations", 0),
        ],
        Tables = [new("importance", ["feature", "auc_drop", "lower", "upper", "sd"])],
    };

    protected override bool IsSeeded => true;

    protected override string? Lacks(CheckInput input) => Outcomes.Lacks(input.Evaluation);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var sample = new SampledRows(context);
        var features = input.Model.Features;
        var blocks = sample.BlocksIn(rows).Select(p => new Block(input, sample, p)).ToArray();
        foreach (var block in blocks)
        {
            block.Score(tally.Map(Baseline, Outcomes.Width), cancellationToken);
        }

        var replicates = context.Parameters.Whole(Replicates.Name);
        for (var f = 0; f < features.Count && blocks.Length > 0; f++)
        {
            var column = ((Float32Column)input.Evaluation[features[f]]).Values;
            for (var k = 0; k < replicates; k++)
            {
                var permutation = SplitMix64.For(input.Seed, StreamId, f, k).NextPermutation(sample.Count);
                foreach (var block in blocks)
                {
                    block.Replace(f, position => column.Span[sample[permutation[position]]]);
                    block.Score(tally.Map(1 + (f * replicates) + k, Outcomes.Width), cancellationToken);
                }
            }

            foreach (var block in blocks)
            {
                block.Replace(f, position => column.Span[sample[position]]);
            }
        }
    }

    /// <summary>Rows that are scored together, with one column exchanged at a time.</summary>
    private sealed class Block(CheckInput input, SampledRows sample, int[] positions)
    {
        private readonly int[] outcomes = Array.ConvertAll(positions, p => Outcomes.Of(input.Evaluation)(sample[p]));
        private readonly float[] values = FeatureRows.Gather(input.Evaluation, input.Model.Features, Array.ConvertAll(positions, p => sample[p]));
        private readonly double[] scores = new double[positions.Length];

        public void Replace(int feature, Func<int, float> value)
        {
            for (var i = 0; i < positions.Length; i++)
            {
                values[(i * input.Model.Features.Count) + feature] = value(positions[i]);
            }
        }

        public void Score(CountMapBuilder map, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            input.Model.Score(values, scores, cancellationToken);
            for (var i = 0; i < scores.Length; i++)
            {
                map.Add(scores[i], outcomes[i]);
            }
        }
    }

    private const int StreamId = 0x5045524D;

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var features = context.Input.Model.Features;
        var replicates = context.Parameters.Whole(Replicates.Name);
        var leftOut = new List<string>();
        var counts = ScoreCounts.Of(tally.Map(Baseline, Outcomes.Width), "evaluation", leftOut);
        if (new SampledRows(context).Limitation is { } limitation)
        {
            leftOut.Add(limitation);
        }

        var auc = Ranking.Auc(counts);
        var figures = new Figures();
        figures.Add("auc", auc.Value, interval: auc.Interval(context.Confidence), count: counts.Total, note: counts.HasBothClasses ? null : "Only one label occurs.");
        var importance = new List<(string Feature, Measure Measure, double Deviation)>();
        for (var f = 0; f < features.Count; f++)
        {
            var drops = new double[replicates];
            for (var k = 0; k < replicates; k++)
            {
                drops[k] = auc.Value - Ranking.Auc(ScoreCounts.Of(tally.Map(1 + (f * replicates) + k, Outcomes.Width), "", [])).Value;
            }

            var group = $"feature={features[f]}";
            var measure = figures.Add("auc_drop", drops.Average(), group, Interval.OfReplicates(drops, context.Confidence), counts.Total,
                note: counts.HasBothClasses ? null : "Only one label occurs.");
            var deviation = Interval.StandardDeviation(drops);
            figures.Add("auc_drop_sd", deviation, group, count: counts.Total, note: double.IsFinite(deviation) ? null : "One replicate has no spread.");
            importance.Add((features[f], measure, deviation));
        }

        var sorted = importance.OrderByDescending(i => i.Measure.Value ?? double.NegativeInfinity).ThenBy(i => i.Feature, StringComparer.Ordinal).ToArray();
        var top = sorted.Where(i => i.Measure.Value is not null).Take(3).Select(i => $"{i.Feature} ({Figures.Text(i.Measure.Value)})").ToArray();
        return new Finding(
            top.Length == 0 ? "Importance has no value because only one label occurs." : $"The AUC of {Figures.Text(auc.Value)} falls most when these are permuted: {string.Join(", ", top)}.",
            figures.All)
        {
            Tables =
            [
                new Table("importance", "Permutation importance",
                    [new("feature", "Feature", "text"), new("auc_drop", "Fall of AUC"), new("lower", "Lower bound"), new("upper", "Upper bound"), new("sd", "Standard deviation")],
                    [.. sorted.Select(i => (IReadOnlyList<Cell>)[i.Feature, i.Measure.Value, i.Measure.Lower, i.Measure.Upper, i.Deviation])]),
            ],
            Limitations = leftOut,
        };
    }
}

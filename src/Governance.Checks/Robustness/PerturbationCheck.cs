using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Robustness;

/// <summary>What do noise and missing values do to ranking and decisions?</summary>
public sealed class PerturbationCheck : TallyCheck
{
    private static readonly double[] Sigmas = [0.1, 0.2, 0.3, 0.4, 0.5];
    private static readonly CheckParameter Replicates = CheckParameter.Whole("replicates", "Noise draws per row and strength.", 3, 1, 100);

    // Slots: the scores without noise, decisions under each fault, then scores of each strength and replicate.
    private const int Baseline = 0;
    private const int NoiseFlips = 1;
    private const int FirstRouting = 2;
    private const int FirstNoise = 7;

    /// <summary>What one feature of every row is set to, by name.</summary>
    private static readonly (string Name, string Words, Func<FeatureSpread, float> Value)[] Routings =
    [
        ("missing", "Changed when missing", _ => float.NaN), ("imputed", "Changed at the median", s => s.Median), ("unseen", "Changed by an unseen value", s => s.Unseen),
        ("far_above", "Changed far above", s => s.FarAbove), ("far_below", "Changed far below", s => s.FarBelow),
    ];

    private const int Same = 0;
    private const int Flipped = 1;
    private const int NoScore = 2;
    private const int Outcome = 3;

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "robustness.perturbation",
        Version = "2",
        Family = CheckFamily.Robustness,
        Title = "Noise, missing values and outliers",
        Purpose = "Do small errors of measurement, a field that is not delivered, an unknown code or an absurd value change the ranking or the decisions?",
        Method = "Gaussian noise of 0.1 to 0.5 standard deviations is added at once to every feature with more than two distinct values; noise_decay is the AUC without noise minus the mean AUC with it, and the flip rate is the share "
            + "of decisions that change. Then each feature in turn is set, in all rows, to missing (NaN), to its median, to a value that does not occur (the next whole number above the largest), and to ten ranges above the largest and below the smallest value: share of decisions that change. Noise comes from SplitMix64 streams of seed, row, feature and replicate.",
        SignsOfHighRisk = "An AUC decay above about 0.05 at 0.1 standard deviations; a missing field that flips decisions of many people, or a model that gives no score at all for it.",
        Strengths = "Cheap, exact to repeat, and close to faults that happen in production: rounding, stale data, an interface that drops a field.",
        Limits = "Random noise is not an adversary: the worst small change may do more. Noise ignores correlation and ranges of features; flags and one-hot groups get none. "
            + "Intervals of decay cover the noise, not the sample of rows.",
        Sources = ["Wilson (1927), JASA 22", "Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators, OOPSLA"],
        Parameters = [Replicates, SampledRows.Limit, CheckParameters.Confidence],
        Measures =
        [
            new("noise_decay", "fall of AUC under noise of one strength", -1, 1),
            new("max_noise_decay", "largest fall of AUC", -1, 1),
            new("noise_decision_flip_rate", "share of decisions that change under noise of one strength", 0, 1),
            new("max_noise_decision_flip_rate", "the largest of them", 0, 1),
            new("missing_decision_flip_rate", "share of decisions that change under one feature missing", 0, 1),
            new("max_missing_decision_flip_rate", "the largest of them", 0, 1),
            new("imputed_decision_flip_rate", "share of decisions that change under one feature at its median", 0, 1),
            new("max_imputed_decision_flip_rate", "the largest of them", 0, 1),
            new("unseen_decision_flip_rate", "share of decisions that change under one feature at an unseen value", 0, 1),
            new("max_unseen_decision_flip_rate", "the largest of them", 0, 1),
            new("far_above_decision_flip_rate", "share of decisions that change under one feature far above its range", 0, 1),
            new("max_far_above_decision_flip_rate", "the largest of them", 0, 1),
            new("far_below_decision_flip_rate", "share of decisions that change under one feature far below its range", 0, 1),
            new("max_far_below_decision_flip_rate", "the largest of them", 0, 1),
        ],
        Tables =
        [
            new("noise", ["sigma", "noise_decay", "flip_rate"]),
            new("routing", ["feature", "missing", "imputed", "unseen", "far_above", "far_below"]),
        ],
        Thresholds =
        [
            new("max_noise_decay", LimitKind.AtMost, [0.05, 0.06, 0.08], "House.", "model-risk/noise_decay_max"),
        ],
    };

    protected override bool IsSeeded => true;

    protected override string? Lacks(CheckInput input) => Outcomes.Lacks(input.Evaluation);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var sample = new SampledRows(context);
        var blocks = sample.BlocksIn(rows);
        if (blocks.Count > 0)
        {
            var columns = context.Input.Model.Features.Select(f => FeatureSpread.Of(context.Input.Evaluation, f, sample)).ToArray();
            foreach (var positions in blocks)
            {
                new Block(context, sample, positions, columns, tally, cancellationToken).Run();
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var leftOut = new List<string>();
        var counts = ScoreCounts.Of(tally.Map(Baseline, Outcomes.Width), "evaluation", leftOut);
        if (new SampledRows(context).Limitation is { } limitation)
        {
            leftOut.Add(limitation);
        }

        var auc = Ranking.Auc(counts);
        var figures = new Figures();
        AddNoise(figures, context, tally, auc);
        AddRouting(figures, context, tally);
        var decay = figures.All.First(m => m.Name == "max_noise_decay");
        var missing = figures.All.First(m => m.Name == "max_missing_decision_flip_rate");
        return new Finding(
            $"Noise of up to half a standard deviation lowers the AUC of {Figures.Text(auc.Value)} by at most {Figures.Text(decay.Value)}; one missing feature changes at most {Figures.Text(missing.Value)} of the decisions.",
            figures.All)
        {
            Tables = [NoiseTable(figures), RoutingTable(figures, context.Input.Model.Features)],
            Limitations = leftOut,
        };
    }

    private static void AddNoise(Figures figures, CheckContext context, Tally tally, AucEstimate auc)
    {
        var replicates = context.Parameters.Whole(Replicates.Name);
        var flips = tally.Map(NoiseFlips, Outcome);
        for (var s = 0; s < Sigmas.Length; s++)
        {
            var group = string.Create(CultureInfo.InvariantCulture, $"sigma={Sigmas[s]}");
            var decays = Enumerable.Range(0, replicates)
                .Select(k => auc.Value - Ranking.Auc(ScoreCounts.Of(tally.Map(FirstNoise + (s * replicates) + k, Outcomes.Width), "", [])).Value).ToArray();
            figures.Add("noise_decay", decays.Average(), group, Interval.OfReplicates(decays, context.Confidence),
                note: double.IsFinite(auc.Value) ? null : "Only one label occurs, so there is no AUC to lose.");
            AddFlipRate(figures, "noise_decision_flip_rate", group, flips, s, replicates, context.Confidence);
        }

        AddLargest(figures, "noise_decay", "max_noise_decay");
        AddLargest(figures, "noise_decision_flip_rate", "max_noise_decision_flip_rate");
    }

    private static void AddRouting(Figures figures, CheckContext context, Tally tally)
    {
        var features = context.Input.Model.Features;
        for (var f = 0; f < features.Count; f++)
        {
            foreach (var (routing, r) in Routings.Select((x, r) => (x, r)))
            {
                AddFlipRate(figures, $"{routing.Name}_decision_flip_rate", $"feature={features[f]}", tally.Map(FirstRouting + r, Outcome), f, 1, context.Confidence);
            }
        }

        foreach (var routing in Routings)
        {
            AddLargest(figures, $"{routing.Name}_decision_flip_rate", $"max_{routing.Name}_decision_flip_rate");
        }
    }

    /// <summary>Replicates of one row are not independent, so the interval counts each row once.</summary>
    private static void AddFlipRate(Figures figures, string name, string group, CountMap map, int key, int replicates, double level)
    {
        long same = map.CountOf(key, Same), flipped = map.CountOf(key, Flipped), none = map.CountOf(key, NoScore);
        if (none > 0)
        {
            figures.Undefined(name, $"The model gives no score for {none} of {same + flipped + none} rows; decide how such rows are treated.", group, same + flipped + none);
        }
        else if (same + flipped == 0)
        {
            figures.Undefined(name, "No row has a score without the change.", group, 0);
        }
        else
        {
            var rate = (double)flipped / (same + flipped);
            figures.Add(name, rate, group, Proportion.Wilson(rate, (double)(same + flipped) / replicates, level), (same + flipped) / replicates);
        }
    }

    private static void AddLargest(Figures figures, string name, string largest)
    {
        var of = figures.All.Where(m => m.Name == name).ToArray();
        if (of.Where(m => m.Value is not null).MaxBy(m => m.Value) is { } worst)
        {
            var missing = of.Count(m => m.Value is null);
            figures.Add(largest, worst.Value, count: worst.Count, note: $"Largest at {worst.Group}." + (missing > 0 ? $" {missing} figures are undefined." : ""));
        }
        else
        {
            figures.Undefined(largest, "None of the figures it is the largest of has a value.");
        }
    }

    private static Table NoiseTable(Figures figures) => new("noise", "Noise",
        [new("sigma", "Noise", "text"), new("noise_decay", "Fall of AUC"), new("flip_rate", "Decisions changed", "percent")],
        [.. figures.All.Where(m => m.Name == "noise_decay").Select(m => (IReadOnlyList<Cell>)
            [m.Group!["sigma=".Length..], m.Value, figures.All.First(o => o.Name == "noise_decision_flip_rate" && o.Group == m.Group).Value])]);

    private static Table RoutingTable(Figures figures, IReadOnlyList<string> features)
    {
        var rates = figures.All.Where(m => m.Group is not null).ToDictionary(m => (m.Name, m.Group), m => m.Value);
        return new Table("routing", "One feature missing, at its median, or out of range",
            [new("feature", "Feature", "text"), .. Routings.Select(r => new Column(r.Name, r.Words, "percent"))],
            [.. features.Select(f => (IReadOnlyList<Cell>)[f, .. Routings.Select(r => (Cell)rates[($"{r.Name}_decision_flip_rate", $"feature={f}")])])]);
    }

    /// <summary>Rows that are scored together, at work on a copy.</summary>
    private sealed class Block(CheckContext context, SampledRows sample, int[] positions, FeatureSpread[] columns, TallyBuilder tally, CancellationToken cancellationToken)
    {
        private const int StreamId = 0x4E4F4953;
        private readonly IReadOnlyList<string> features = context.Input.Model.Features;
        private readonly float[] original = FeatureRows.Gather(context.Input.Evaluation, context.Input.Model.Features, Array.ConvertAll(positions, p => sample[p]));
        private readonly double[] baseline = new double[positions.Length];
        private readonly double[] scores = new double[positions.Length];

        public void Run()
        {
            var outcome = Outcomes.Of(context.Input.Evaluation);
            var outcomes = Array.ConvertAll(positions, p => outcome(sample[p]));
            context.Input.Model.Score(original, baseline, cancellationToken);
            CountScores(Baseline, baseline, outcomes);
            var values = (float[])original.Clone();
            var replicates = context.Parameters.Whole(Replicates.Name);
            for (var s = 0; s < Sigmas.Length; s++)
            {
                for (var k = 0; k < replicates; k++)
                {
                    AddNoise(values, Sigmas[s], k);
                    TryScore(values);
                    CountFlips(NoiseFlips, s);
                    CountScores(FirstNoise + (s * replicates) + k, scores, outcomes);
                }
            }

            original.CopyTo(values, 0);
            for (var f = 0; f < features.Count; f++)
            {
                for (var r = 0; r < Routings.Length; r++)
                {
                    Fill(values, f, Routings[r].Value(columns[f]));
                    TryScore(values);
                    CountFlips(FirstRouting + r, f);
                }

                Restore(values, f);
            }
        }

        private void AddNoise(float[] values, double sigma, int replicate)
        {
            for (var i = 0; i < positions.Length; i++)
            {
                for (var f = 0; f < columns.Length; f++)
                {
                    var at = (i * columns.Length) + f;
                    values[at] = columns[f].IsBinary
                        ? original[at]
                        : (float)(original[at] + (sigma * columns[f].Deviation * SplitMix64.For(context.Input.Seed ^ StreamId, sample[positions[i]], f, replicate).NextNormal()));
                }
            }
        }

        private void Fill(float[] values, int feature, float value)
        {
            for (var i = feature; i < values.Length; i += features.Count)
            {
                values[i] = value;
            }
        }

        private void Restore(float[] values, int feature)
        {
            for (var i = feature; i < values.Length; i += features.Count)
            {
                values[i] = original[i];
            }
        }

        /// <summary>A model that refuses a row is a finding here, not a failure of the check; rows it takes keep their scores, whatever shard they are in.</summary>
        private void TryScore(float[] values)
        {
            if (!TryScore(values, scores))
            {
                for (var i = 0; i < scores.Length; i++)
                {
                    var row = values.AsSpan(i * features.Count, features.Count);
                    if (!TryScore(row, scores.AsSpan(i, 1)))
                    {
                        scores[i] = double.NaN;
                    }
                }
            }
        }

        private bool TryScore(ReadOnlySpan<float> rows, Span<double> into) => Scoring.TryScore(context.Input.Model, rows, into, cancellationToken);

        private void CountFlips(int slot, int key)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var counts = new long[Outcome];
            for (var i = 0; i < scores.Length; i++)
            {
                if (!double.IsNaN(baseline[i]))
                {
                    var flips = scores[i] >= context.Input.Threshold != baseline[i] >= context.Input.Threshold;
                    counts[double.IsNaN(scores[i]) ? NoScore : flips ? Flipped : Same]++;
                }
            }

            for (var c = 0; c < counts.Length; c++)
            {
                tally.Map(slot, Outcome).Add(key, c, counts[c]);
            }
        }

        private void CountScores(int slot, double[] of, int[] outcomes)
        {
            var map = tally.Map(slot, Outcomes.Width);
            for (var i = 0; i < of.Length; i++)
            {
                map.Add(of[i], outcomes[i]);
            }
        }
    }
}

using System.Globalization;
using Governance.Checks.Explainability.Reasons;
using Governance.Checks.Robustness;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Explainability;

/// <summary>Would the same applicant be told the same reasons if nothing that matters had changed?</summary>
public sealed class ReasonStabilityCheck : TallyCheck
{
    private const int StreamId = 0x52535442;
    private const int MinRows = 10;

    private static readonly CheckParameter Resamples = CheckParameter.Whole("background_resamples", "Backgrounds drawn with replacement from the applicants near the cutoff.", 3, 1, 100);
    private static readonly CheckParameter Noise = new("noise_scale", "Measurement error as a share of a feature's standard deviation, where no rule gives one.", 0.01, 0, 10);

    private static readonly (string Name, string Words)[] Variants =
        [("background", "another draw of the applicants near the cutoff"), ("ulp", "every input one float32 higher or lower"), ("noise", "measurement error"), ("previous_model", "the previous version of the model")];

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "explainability.reason_stability",
        Version = "1",
        Family = CheckFamily.Explainability,
        Title = "Stability of reasons",
        Purpose = "Do the reasons an applicant is given hang on the choice of comparison rows, on rounding, on measurement error or on a retrained model?",
        Method = "The reasons of each sampled adverse decision are found again under backgrounds drawn with replacement from the applicants near the cutoff, inputs one float32 up and down, inputs with normal measurement error (flags left alone), and the previous model if there is one. "
            + "Jaccard similarity of the two sets of reasons, share of decisions whose first reason stays, and Kendall's tau-b between the shortfalls of all groups, as means over decisions and repetitions with a normal interval over decisions' values.",
        SignsOfHighRisk = "A similarity under one float32 that is not 1: a threshold sits on people's values. First reasons that change under measurement error or with the background: the letter depends on chance.",
        Strengths = "Measures the stability of what the applicant reads, not of scores; random numbers from seed, row and repetition, so that any sharding gives the same figures.",
        Limits = "No threshold is published anywhere: compare models with each other. Stable reasons may still be wrong ones. Measurement error is normal and independent between features; flags and the intervals' dependence between repetitions of one decision are not modelled.",
        Sources = ["12 CFR 1002.9(b)(2) and Official Interpretation 9(b)(2)-5 (Regulation B)", "Kendall (1945), Biometrika 33", "Alvarez-Melis and Jaakkola (2018), ICML WHI"],
        Parameters = [SampledRows.Limit with { Default = 1000 }, Resamples, Noise, Explanation.MaxReasons, Explanation.BackgroundRows, Explanation.BlackBoxRows with { Default = 20, Maximum = 10_000 }, Explanation.BlackBoxBackground, CheckParameters.Confidence],
        Measures =
        [
            new("jaccard", "mean overlap of the reasons under one change", 0, 1),
            new("same_first_reason", "share of decisions with the same first reason", 0, 1),
            new("rank_agreement", "Kendall's tau of the ranking", -1, 1),
            new("min_jaccard", "lowest mean overlap over the changes", 0, 1),
        ],
        Tables = [new("stability", ["change", "jaccard", "first", "tau", "comparisons"])],
        Thresholds =
        [
            new("min_jaccard", LimitKind.AtLeast, [0.8], "House; no standard is published.", "consumer-credit-eu/reason_overlap_min"),
        ],
    };

    protected override bool ReadsFeatureRules => true;

    protected override bool IsSeeded => true;

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        if (Explanation.Reasons(context) is not { } reasoning)
        {
            return;
        }

        var input = context.Input;
        var adverse = AdverseRows.In(context, Explanation.Sample(context), rows);
        if (adverse.Length == 0)
        {
            return;
        }

        var others = Others(context, reasoning);
        var errors = MeasurementErrors(context);
        foreach (var row in adverse)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = FeatureRows.Gather(input.Evaluation, input.Model.Features, [row]);
            if (Outcome.Of(reasoning.Explainer, values) is not { } base0)
            {
                continue;
            }

            foreach (var other in others.Backgrounds)
            {
                Compare(0, base0, Outcome.Of(other, values));
            }

            Compare(1, base0, Outcome.Of(reasoning.Explainer, Array.ConvertAll(values, MathF.BitIncrement)));
            Compare(1, base0, Outcome.Of(reasoning.Explainer, Array.ConvertAll(values, MathF.BitDecrement)));
            var random = SplitMix64.For(input.Seed, StreamId, 1, row);
            var noisy = new float[values.Length];
            for (var f = 0; f < values.Length; f++)
            {
                noisy[f] = (float)(values[f] + (errors[f] * random.NextNormal()));
            }

            Compare(2, base0, Outcome.Of(reasoning.Explainer, noisy));
            if (others.Previous is { } previous)
            {
                Compare(3, base0, Outcome.Of(previous, values));
            }
        }

        void Compare(int variant, Outcome before, Outcome? after)
        {
            if (after is not null)
            {
                tally.Map(3 * variant, 1).Add(before.Jaccard(after), 0);
                tally.Map((3 * variant) + 1, 1).Add(before.SameFirst(after) ? 1 : 0, 0);
                tally.Map((3 * variant) + 2, 1).Add(before.Tau(after), 0);
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var figures = new Figures();
        var lines = new List<IReadOnlyList<Cell>>();
        for (var v = 0; v < Variants.Length; v++)
        {
            var group = $"variant={Variants[v].Name}";
            var (jaccard, first, tau) = (ScoreSample.Of(tally.Map(3 * v, 1)), ScoreSample.Of(tally.Map((3 * v) + 1, 1)), ScoreSample.Of(tally.Map((3 * v) + 2, 1)));
            var why = Variants[v].Name == "previous_model" && context.Input.PreviousModel is null ? "No previous model is given."
                : Explanation.Reasons(context) is null ? AdverseRows.NobodyFavoured
                : jaccard.Rows == 0 ? "No sampled row is decided adversely and has a finite explanation." : null;
            var values = new[] { ("jaccard", jaccard, 0.0), ("same_first_reason", first, 0.0), ("rank_agreement", tau, -1.0) }.Select(m =>
                why is not null ? figures.Undefined(m.Item1, why, group, 0)
                : jaccard.Rows < MinRows ? figures.Insufficient(m.Item1, $"Only {jaccard.Rows} comparisons; at least {MinRows} are needed.", group, jaccard.Rows)
                : figures.Add(m.Item1, m.Item2.Rows == 0 ? null : m.Item2.Mean, group,
                    m.Item2.Rows == 0 ? null : Interval.Around(m.Item2.Mean, Math.Sqrt(m.Item2.Variance / m.Item2.Rows), context.Confidence, "normal over comparisons", m.Item3, 1), m.Item2.Rows,
                    note: m.Item2.Rows == 0 ? "All shortfalls are equal, so there is no order to compare." : Variants[v].Words)).ToArray();
            lines.Add([Variants[v].Words, values[0].Value, values[1].Value, values[2].Value, (double)jaccard.Rows]);
        }

        var given = figures.All.Where(m => m.Name == "jaccard" && m.Value is not null).ToArray();
        if (given.Length == 0)
        {
            figures.Undefined("min_jaccard", figures.All[0].Note!, count: 0);
        }
        else
        {
            figures.Add("min_jaccard", given.Min(m => m.Value), count: given.Min(m => m.Count));
        }

        return new Finding(
            given.Length == 0 ? figures.All[0].Note!
                : string.Create(CultureInfo.InvariantCulture, $"Mean Jaccard similarity of the reasons: {string.Join(", ", given.Select(m => $"{m.Value:0.###} under {Variants.First(v => "variant=" + v.Name == m.Group).Words}"))}."),
            figures.All)
        {
            Tables = [new Table("stability", "Stability of reasons", [new("change", "What changes", "text"), new("jaccard", "Jaccard similarity"), new("first", "First reason stays", "percent"), new("tau", "Kendall's tau-b"), new("comparisons", "Comparisons", "integer")], lines)],
            Limitations = Explanation.Sample(context).Limitation is { } limitation ? [limitation] : [],
        };
    }

    /// <summary>Explainers with other backgrounds and of the previous model.</summary>
    private static Alternatives Others(CheckContext context, Reasoning reasoning)
    {
        var count = reasoning.Background.Rows.Length;
        var most = reasoning.Explainer.MaxReasons;
        return context.Input.Once($"other reasons {count} {most} {context.Parameters.Whole(Resamples.Name)}", () =>
        {
            var input = context.Input;
            var candidates = Explanation.AtCutoff(context, 3 * count)!;
            var width = input.Model.Features.Count;
            var resampled = Enumerable.Range(0, context.Parameters.Whole(Resamples.Name)).Select(k =>
            {
                var random = SplitMix64.For(input.Seed, StreamId, 0, k);
                var drawn = new float[count * width];
                for (var i = 0; i < count; i++)
                {
                    candidates.Values.AsSpan(random.NextBelow(candidates.Rows.Length) * width, width).CopyTo(drawn.AsSpan(i * width));
                }

                return ReasonCodeExplainer.Create(input.Model, input.FeatureRules, drawn, input.FavourablePrediction, most, input.Seed, CancellationToken.None);
            }).ToArray();
            var previous = input.PreviousModel is { } before && before.Features.SequenceEqual(input.Model.Features)
                ? ReasonCodeExplainer.Create(before, input.FeatureRules, reasoning.Background.Values, input.FavourablePrediction, most, input.Seed, CancellationToken.None)
                : null;
            return new Alternatives(resampled, previous);
        });
    }

    private static double[] MeasurementErrors(CheckContext context) => context.Input.Once($"measurement errors {context.Parameters[Noise.Name]}", () =>
    {
        var sample = Explanation.Sample(context);
        return context.Input.Model.Features.Select(f =>
        {
            var spread = FeatureSpread.Of(context.Input.Evaluation, f, sample);
            var own = context.Input.FeatureRules.GetValueOrDefault(f, FeatureRule.None).MeasurementError;
            var error = own ?? (spread.IsBinary ? 0 : spread.Deviation * context.Parameters[Noise.Name]);
            return double.IsFinite(error) ? error : 0;
        }).ToArray();
    });

    private sealed record Alternatives(ReasonCodeExplainer[] Backgrounds, ReasonCodeExplainer? Previous);

    /// <summary>Reasons and shortfalls of one row.</summary>
    private sealed record Outcome(int[] Reasons, double[] Shortfalls)
    {
        public static Outcome? Of(ReasonCodeExplainer explainer, float[] row)
        {
            var reasons = new int[explainer.MaxReasons];
            var shortfalls = new double[explainer.Codes.Count];
            var count = explainer.Explain(row, reasons, shortfalls);
            return shortfalls.All(double.IsFinite) ? new Outcome(reasons[..count], shortfalls) : null;
        }

        /// <summary>1 when both are empty.</summary>
        public double Jaccard(Outcome other)
        {
            var common = Reasons.Intersect(other.Reasons).Count();
            var all = Reasons.Length + other.Reasons.Length - common;
            return all == 0 ? 1 : (double)common / all;
        }

        public bool SameFirst(Outcome other) => Reasons.FirstOrDefault(-1) == other.Reasons.FirstOrDefault(-1);

        /// <summary>Kendall's tau-b; NaN where one side has no order.</summary>
        public double Tau(Outcome other)
        {
            long concordant = 0, here = 0, there = 0;
            for (var i = 0; i < Shortfalls.Length; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    var a = Math.Sign(Shortfalls[i] - Shortfalls[j]);
                    var b = Math.Sign(other.Shortfalls[i] - other.Shortfalls[j]);
                    concordant += a * b;
                    here += a * a;
                    there += b * b;
                }
            }

            return here == 0 || there == 0 ? double.NaN : concordant / Math.Sqrt((double)here * there);
        }
    }
}

using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Explainability;

/// <summary>Do the stated reasons really carry the decision?</summary>
public sealed class FaithfulnessCheck : TallyCheck
{
    private const int StreamId = 0x46414954;
    private const int References = 20;
    private const int MaxSteps = 10;

    private static readonly (string Name, string Words)[] Figures0 =
    [
        ("deletion_gain", "How much further the answer moves when the groups that hurt most are replaced first than when groups are replaced in random order; mean over steps, on the answer's scale."),
        ("insertion_gain", "The same with the applicant's groups put into the reference applicants, most hurting first."),
        ("repair_flip_rate", "Share of replacements of the stated reasons by values of applicants at the cutoff that turn the decision."),
        ("random_flip_rate", "Share that turn it when as many groups chosen at random are replaced."),
    ];

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "explainability.faithfulness",
        Version = "1",
        Family = CheckFamily.Explainability,
        Title = "Faithfulness of reasons",
        Purpose = "If the stated reasons were repaired, would the decision change, and more so than if anything else were repaired?",
        Method = "For each sampled adverse decision the feature groups are replaced by the values of applicants at the cutoff, from the most hurting one down, and the answer is taken after each step (deletion); the other way round the applicant's groups are put into those applicants (insertion). "
            + "Both are compared with a random order of the groups of the same decision. Then exactly the stated reasons are replaced: the share that turns the decision, against as many random groups. Means over decisions with normal intervals.",
        SignsOfHighRisk = "Gains near zero or below: the order of reasons is no better than chance. A repair rate that is not above the random one: applicants are told reasons that do not matter for the decision.",
        Strengths = "Tests the statement to the applicant itself, by the running model, without trusting the explanation method.",
        Limits = "Replaced values may form applicants who do not exist. When one reason is enough or many are needed, rates are high or low for every method. Reference applicants are up to twenty of those at the cutoff.",
        Sources = ["Petsiuk, Das and Saenko (2018), BMVC (deletion and insertion)", "DeYoung et al. (2020), ACL (comprehensiveness and sufficiency)", "12 CFR 1002.9(b)(2) and Official Interpretation 9(b)(2)-4 (Regulation B)"],
        Parameters = [SampledRows.Limit with { Default = 300 }, Explanation.MaxReasons, Explanation.BackgroundRows, Explanation.BlackBoxRows, Explanation.BlackBoxBackground, CheckParameters.Confidence],
        Measures =
        [
            new("deletion_gain", "how much faster the answer moves when features leave in the stated order than at random"),
            new("insertion_gain", "the same when features enter"),
            new("repair_flip_rate", "share of adverse decisions that turn when the stated reasons are repaired", 0, 1),
            new("random_flip_rate", "share that turn when as many random features are repaired", 0, 1),
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
        var explainer = reasoning.Explainer;
        var players = explainer.Codes.Count;
        var reasons = new int[explainer.MaxReasons];
        var shortfalls = new double[players];
        var replacement = new Replacement(context, reasoning);
        foreach (var row in AdverseRows.In(context, Explanation.Sample(context), rows))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = FeatureRows.Gather(input.Evaluation, input.Model.Features, [row]);
            var count = explainer.Explain(values, reasons, shortfalls, cancellationToken);
            if (!shortfalls.All(double.IsFinite))
            {
                continue;
            }

            var order = Enumerable.Range(0, players).OrderByDescending(p => shortfalls[p]).ToArray();
            var random = SplitMix64.For(input.Seed, StreamId, row).NextPermutation(players);
            tally.Map(0, 1).Add(replacement.MeanHelp(values, order, false, cancellationToken) - replacement.MeanHelp(values, random, false, cancellationToken), 0);
            tally.Map(1, 1).Add(replacement.MeanHelp(values, random, true, cancellationToken) - replacement.MeanHelp(values, order, true, cancellationToken), 0);
            if (count > 0)
            {
                tally.Map(2, 1).Add(replacement.TurnedShare(values, reasons.AsSpan(0, count), cancellationToken), 0);
                tally.Map(3, 1).Add(replacement.TurnedShare(values, random.AsSpan(0, count), cancellationToken), 0);
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var figures = new Figures();
        for (var m = 0; m < Figures0.Length; m++)
        {
            var sample = ScoreSample.Of(tally.Map(m, 1));
            if (sample.Rows == 0)
            {
                figures.Undefined(Figures0[m].Name, Explanation.Reasons(context) is null ? AdverseRows.NobodyFavoured : "No sampled row is decided adversely with reasons that can be found.", count: 0);
                continue;
            }

            var rate = m >= 2;
            Interval? interval = sample.Rows > 1
                ? Interval.Around(sample.Mean, Math.Sqrt(sample.Variance / sample.Rows), context.Confidence, "normal over decisions", rate ? 0 : double.NegativeInfinity, rate ? 1 : double.PositiveInfinity)
                : null;
            figures.Add(Figures0[m].Name, sample.Mean, interval: interval, count: sample.Rows, note: Figures0[m].Words);
        }

        var (repair, chance) = (figures.All[2], figures.All[3]);
        return new Finding(
            repair.Value is null || chance.Value is null
                ? repair.Note!
                : string.Create(CultureInfo.InvariantCulture, $"Replacing the stated reasons turns {repair.Value:0.#%} of adverse decisions, replacing as many random features {chance.Value:0.#%}."),
            figures.All)
        {
            Limitations = Explanation.Sample(context).Limitation is { } limitation ? [limitation] : [],
        };
    }

    /// <summary>Exchanges feature groups between a row and applicants at the cutoff. Not thread-safe.</summary>
    private sealed class Replacement
    {
        private readonly CheckInput input;
        private readonly IReadOnlyList<int> playerOf;
        private readonly Answers answers;
        private readonly float[] references;
        private readonly int count;
        private readonly double favourableSign;

        public Replacement(CheckContext context, Reasoning reasoning)
        {
            input = context.Input;
            playerOf = reasoning.Explainer.Explainer.Players.OfFeature;
            answers = new Answers(input);
            favourableSign = input.FavourablePrediction == 1 ? 1 : -1;
            var width = input.Model.Features.Count;
            var rows = reasoning.Background.Rows.Length;
            count = Math.Min(References, rows);
            references = new float[count * width];
            for (var i = 0; i < count; i++)
            {
                reasoning.Background.Values.AsSpan((int)((long)i * rows / count) * width, width).CopyTo(references.AsSpan(i * width));
            }
        }

        /// <summary>Mean answer over steps and references, higher being better for the applicant.</summary>
        /// <param name="order">Of the players.</param>
        /// <param name="insert">Start from the references and put the row's groups in, instead of the other way round.</param>
        public double MeanHelp(float[] row, int[] order, bool insert, CancellationToken cancellationToken)
        {
            var steps = Math.Min(MaxSteps, order.Length);
            var width = row.Length;
            var rows = new float[steps * count * width];
            var exchanged = new bool[order.Length];
            for (var s = 0; s < steps; s++)
            {
                exchanged[order[s]] = true;
                for (var i = 0; i < count; i++)
                {
                    Mix(row, references.AsSpan(i * width, width), exchanged, insert, rows.AsSpan(((s * count) + i) * width, width));
                }
            }

            var outputs = new double[steps * count];
            answers.Of(rows, outputs, cancellationToken);
            return favourableSign * outputs.Average();
        }

        /// <summary>Share of references whose values in some groups turn the decision, by the running model.</summary>
        public double TurnedShare(float[] row, ReadOnlySpan<int> players, CancellationToken cancellationToken)
        {
            var width = row.Length;
            var exchanged = new bool[playerOf.Max() + 1];
            foreach (var player in players)
            {
                exchanged[player] = true;
            }

            var rows = new float[count * width];
            for (var i = 0; i < count; i++)
            {
                Mix(row, references.AsSpan(i * width, width), exchanged, false, rows.AsSpan(i * width, width));
            }

            var scores = new double[count];
            input.Model.Score(rows, scores, cancellationToken);
            return scores.Count(s => !double.IsNaN(s) && !Explanation.IsAdverse(input, s)) / (double)count;
        }

        private void Mix(ReadOnlySpan<float> row, ReadOnlySpan<float> reference, bool[] exchanged, bool insert, Span<float> mixed)
        {
            for (var f = 0; f < mixed.Length; f++)
            {
                mixed[f] = exchanged[playerOf[f]] == insert ? row[f] : reference[f];
            }
        }
    }
}

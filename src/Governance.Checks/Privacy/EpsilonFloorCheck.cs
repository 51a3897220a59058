using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Privacy;

/// <summary>Does an attack that was carried out contradict a claim of differential privacy?</summary>
public sealed class EpsilonFloorCheck : TallyCheck
{
    private const int Others = 0;
    private const int Members = 1;
    private const int StreamId = 0x45505349;

    private static readonly CheckParameter Delta = new("delta", "The δ of the claim.", 1e-5, 0, 0.1);
    private static readonly CheckParameter Claim = new("claimed_epsilon", "The ε that is claimed; 0 when none is.", 0, 0, 1e6);
    private static readonly CheckParameter Limit = CheckParameter.Whole("max_rows", "At most this many members and as many others, drawn by the seed, are attacked.", 20_000, 20, 1_000_000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "privacy.epsilon_floor",
        Version = "1",
        OnRequest = true,
        Family = CheckFamily.Privacy,
        Title = "Empirical floor of epsilon",
        Purpose = "What is the smallest epsilon of differential privacy that the model can still have, after what a loss attack found out about its training rows?",
        Method = "Training rows are paired at random with evaluation rows; half of the pairs is used to fix the attack, the other half is counted once. Floor: a row is called a member when the probability of its true label reaches the threshold that "
            + "promised most on the first half; ln((TPR - delta) / FPR) with Clopper-Pearson bounds at half the error each. One-run audit: in each pair the likelier row is called the member, pairs with too small a difference "
            + "are passed over (limit fixed on the first half), and the smallest epsilon is taken under which so many right answers are not too rare (Steinke, Nasr and Jagielski, theorem 5.2).",
        SignsOfHighRisk = "A floor above the claimed epsilon: the claim is wrong, or the training was not what was claimed. Without a claim: a floor well above 0, which says that members can be told apart.",
        Strengths = "The threshold is fixed on other rows than those counted, so where nothing leaks the floor is positive in at most the nominal share of audits; taking the best of many thresholds on the same rows would report a leak almost always.",
        Limits = "A lower bound from one weak attack: a floor of 0 proves nothing. The pairs make the audit one of replacing a record, whose epsilon is at most twice that of adding or removing one. Presumes that training and evaluation rows come from one population by a random split. "
            + "The first figure treats rows of one training run as independent; the one-run audit does not.",
        Sources =
        [
            "Jagielski, Ullman and Oprea (2020), Auditing differentially private machine learning, NeurIPS", "Steinke, Nasr and Jagielski (2023), Privacy auditing with one (1) training run, NeurIPS",
            "Clopper and Pearson (1934), Biometrika 26",
        ],
        Parameters = [Claim, Delta, Limit, CheckParameters.Confidence],
        Measures =
        [
            new("epsilon_floor", "lower bound of epsilon that the attack proves", 0),
            new("one_run_epsilon", "lower bound from one run with guesses", 0),
            new("floor_minus_claim", "the larger bound less the claim"),
        ],
        Thresholds =
        [
            new("floor_minus_claim", LimitKind.AtMost, [0], "A claim below a proven floor is false."),
        ],
    };

    protected override bool IsSeeded => true;

    protected override string? Lacks(CheckInput input) =>
        input.Training is null ? "No training data is registered." : Outcomes.Lacks(input.Evaluation) ?? Outcomes.Lacks(input.Training);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var share = TrainingRows.Of(context.Input, rows);
        Count(tally.Map(Others, RowValues.Width(1)), context.Input.Evaluation, context.Input.EvaluationScoresOf(rows).Span, rows);
        Count(tally.Map(Members, RowValues.Width(1)), context.Input.Training!, context.Input.TrainingScoresOf(share).Span, share);
    }

    private static void Count(CountMapBuilder map, DataTable table, ReadOnlySpan<double> scores, RowRange rows)
    {
        var outcome = Outcomes.Of(table);
        for (var i = 0; i < rows.Count; i++)
        {
            var label = outcome(rows.Start + i);
            if (label != Outcomes.Unlabelled && !double.IsNaN(scores[i]))
            {
                RowValues.Add(map, rows.Start + i, label == Outcomes.Positive ? scores[i] : 1 - scores[i]);
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var pairs = MembershipPairs.Draw(Confidences(tally, Members), Confidences(tally, Others), context.Parameters.Whole(Limit.Name), context.Input.Seed ^ StreamId);
        var (delta, level, claim) = (context.Parameters[Delta.Name], context.Confidence, context.Parameters[Claim.Name]);
        var figures = new Figures();
        if (pairs.Counted.Length < 10)
        {
            var note = $"An audit needs at least 20 pairs of a member and another row; there are {pairs.Fixing.Length + pairs.Counted.Length}.";
            foreach (var name in new[] { "epsilon_floor", "one_run_epsilon" })
            {
                figures.Insufficient(name, note, count: pairs.Counted.Length);
            }

            return new Finding("There are too few labelled members or others to audit.", figures.All);
        }

        var floor = pairs.Floor(delta, level);
        var run = pairs.OneRun(delta, level);
        figures.Add("epsilon_floor", floor.Epsilon, count: 2 * pairs.Counted.Length,
            note: string.Create(CultureInfo.InvariantCulture, $"{level:P0} lower bound. The fixed attack found {floor.Found} of {pairs.Counted.Length} members with {floor.FalseAlarms} false alarms."));
        figures.Add("one_run_epsilon", run.Epsilon, count: pairs.Counted.Length,
            note: string.Create(CultureInfo.InvariantCulture, $"{level:P0} lower bound, replacing a record. {run.Correct} of {run.Guesses} guesses were right."));
        if (claim > 0)
        {
            figures.Add("floor_minus_claim", Math.Max(floor.Epsilon, run.Epsilon) - claim, count: pairs.Counted.Length, note: "Above 0 the claim is contradicted.");
        }

        return new Finding(
            string.Create(CultureInfo.InvariantCulture, $"With {level:P0} confidence epsilon is at least {Figures.Text(floor.Epsilon)}, and at least {Figures.Text(run.Epsilon)} by the one-run audit")
                + (claim > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {claim} is claimed.") : "."),
            figures.All);
    }

    private static double[] Confidences(Tally tally, int slot) => [.. RowValues.Read(tally.Map(slot, RowValues.Width(1))).Select(r => r.Numbers[0])];
}

/// <summary>Pairs of a member and another row, by the attacker's confidence in each: some to fix the attack on, the others to count. Immutable.</summary>
public sealed record MembershipPairs((double Member, double Other)[] Fixing, (double Member, double Other)[] Counted)
{
    /// <summary>As many pairs as the smaller side has rows, at most <paramref name="most"/>; every row at most once.</summary>
    public static MembershipPairs Draw(double[] members, double[] others, int most, long seed)
    {
        var pairs = Math.Min(most, Math.Min(members.Length, others.Length));
        var first = SplitMix64.For(seed, 1).NextPermutation(members.Length);
        var second = SplitMix64.For(seed, 2).NextPermutation(others.Length);
        var drawn = Enumerable.Range(0, pairs).Select(i => (members[first[i]], others[second[i]])).ToArray();
        return new MembershipPairs(drawn[..(pairs / 2)], drawn[(pairs / 2)..]);
    }

    /// <summary>The floor from rows called members at a threshold on the confidence.</summary>
    public (double Epsilon, long Found, long FalseAlarms) Floor(double delta, double level)
    {
        var threshold = BestThreshold(
            Fixing.Select(p => p.Member), Fixing.Select(p => p.Other), (found, alarms) => PrivacyAudit.Floor(found, Fixing.Length, alarms, Fixing.Length, delta, level));
        long found = Counted.Count(p => p.Member >= threshold), falseAlarms = Counted.Count(p => p.Other >= threshold);
        return (PrivacyAudit.Floor(found, Counted.Length, falseAlarms, Counted.Length, delta, level), found, falseAlarms);
    }

    /// <summary>The floor from guesses which row of a pair is the member. Rows that are alike are passed over.</summary>
    public (double Epsilon, long Guesses, long Correct) OneRun(double delta, double level)
    {
        var limit = BestThreshold(
            Fixing.Where(p => p.Member > p.Other).Select(p => p.Member - p.Other), Fixing.Where(p => p.Member < p.Other).Select(p => p.Other - p.Member),
            (right, wrong) => PrivacyAudit.OneRun(Fixing.Length, right + wrong, right, delta, level));
        long correct = Counted.Count(p => p.Member > p.Other && p.Member - p.Other >= limit), guesses = correct + Counted.Count(p => p.Member < p.Other && p.Other - p.Member >= limit);
        return (PrivacyAudit.OneRun(Counted.Length, guesses, correct, delta, level), guesses, correct);
    }

    /// <summary>The threshold of some fifty, at quantiles of all values, that promises most; the median when none promises anything.</summary>
    private static double BestThreshold(IEnumerable<double> right, IEnumerable<double> wrong, Func<long, long, double> promise)
    {
        var (yes, no) = (right.Order().ToArray(), wrong.Order().ToArray());
        var all = yes.Concat(no).Order().ToArray();
        if (all.Length == 0)
        {
            return double.PositiveInfinity;
        }

        const int Steps = 50;
        var candidates = Enumerable.Range(0, Steps).Select(i => all[(int)((long)i * all.Length / Steps)]).Append(all[^1]).Distinct()
            .Select(t => (Threshold: t, Promise: promise(AtLeast(yes, t), AtLeast(no, t)))).ToArray();
        var best = candidates.MaxBy(c => c.Promise);
        return best.Promise > 0 ? best.Threshold : all[all.Length / 2];
    }

    private static long AtLeast(double[] sorted, double threshold)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] < threshold ? (middle + 1, high) : (low, middle);
        }

        return sorted.Length - low;
    }
}

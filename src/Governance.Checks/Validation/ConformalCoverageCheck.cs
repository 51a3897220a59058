using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Validation;

/// <summary>Do prediction sets made from the scores contain the outcome as often as they promise?</summary>
public sealed class ConformalCoverageCheck : TallyCheck
{
    private const int StreamId = 0x434F4E46;
    private static readonly CheckParameter Alpha = new("alpha", "Share of outcomes that may lie outside their prediction set.", 0.1, 0.001, 0.5);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "validation.conformal_coverage",
        Version = "1",
        Family = CheckFamily.Validation,
        Title = "Conformal coverage",
        Purpose = "If the bank acts on a score only where it is clear, and passes the other cases to a person, how often is a clear case clear and wrong, overall and for each outcome?",
        Method = "Rows are halved at random by the seed. On one half the residual is one minus the probability given to the outcome that came; its quantile at rank ceil((n + 1)(1 - alpha)) is the limit. On the other half the prediction set holds every outcome whose residual is within the limit. "
            + "Coverage with Clopper-Pearson's interval, and a one-sided test against the beta-binomial distribution that exchangeable rows give it; coverage of each outcome; share of sets with none, one and both outcomes.",
        SignsOfHighRisk = "A small p-value of coverage: the rows are not exchangeable, or the data drift within the sample. Coverage of the rarer outcome far below the promise, which the overall figure hides. Most sets with both outcomes: the score seldom decides anything.",
        Strengths = "Holds for any model and any distribution, in finite samples; says how many cases can be decided at a promised error.",
        Limits = "The promise is over all cases together, not for a group or a score. Rows in time order, halved at random, hide drift over time. With two outcomes sets say no more than two cut-offs on the score.",
        Sources = ["Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World", "Angelopoulos and Bates (2023), Conformal prediction: a gentle introduction, FnT ML 16", "Clopper and Pearson (1934), Biometrika 26"],
        Parameters = [Alpha, CheckParameters.Confidence],
        Measures =
        [
            new("coverage", "share of outcomes inside their prediction set", 0, 1),
            new("outcome_coverage", "the same for rows of one outcome", 0, 1),
            new("residual_limit", "largest residual that a prediction set admits", 0, 1),
            new("single_outcome_rate", "share of sets with one outcome", 0, 1),
            new("empty_rate", "share of empty sets", 0, 1),
            new("undecided_rate", "share of sets with both outcomes", 0, 1),
        ],
    };

    public override bool IsRowLocal => true;

    protected override bool IsSeeded => true;

    protected override string? Lacks(CheckInput input) => Outcomes.Lacks(input.Evaluation);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var scores = context.Input.EvaluationScoresOf(rows).Span;
        var outcome = Outcomes.Of(context.Input.Evaluation);
        for (var i = 0; i < rows.Count; i++)
        {
            var half = (int)(SplitMix64.For(context.Input.Seed ^ StreamId, rows.Start + i).Next() >> 63);
            tally.Map(half, Outcomes.Width).Add(scores[i], outcome(rows.Start + i));
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var leftOut = new List<string>();
        var fitting = ScoreCounts.Of(tally.Map(0, Outcomes.Width), "calibration", leftOut);
        var counting = ScoreCounts.Of(tally.Map(1, Outcomes.Width), "evaluation", leftOut);
        var (figures, alpha) = (new Figures(), context.Parameters[Alpha.Name]);
        var rank = (long)Math.Ceiling((fitting.Total + 1) * (1 - alpha));
        if (rank > fitting.Total || counting.Total == 0)
        {
            figures.Insufficient("coverage", string.Create(CultureInfo.InvariantCulture, $"A promise of {1 - alpha} needs at least {Math.Ceiling(1 / alpha) - 1} labelled rows in one half and one in the other; there are {fitting.Total} and {counting.Total}."), count: counting.Total);
            return new Finding("There are too few labelled rows for prediction sets.", figures.All) { Limitations = leftOut };
        }

        var limit = Quantile(fitting, rank);
        var sets = Sets.Of(counting, limit);
        var coverage = figures.Add("coverage", (double)sets.Covered / counting.Total, interval: Proportion.ClopperPearson(sets.Covered, counting.Total, context.Confidence), count: counting.Total,
            pValue: BetaBinomial.AtMost(sets.Covered, counting.Total, rank, fitting.Total + 1 - rank), test: "beta-binomial, one-sided, too little coverage", note: string.Create(CultureInfo.InvariantCulture, $"Promised: {1 - alpha}."));
        AddRate(figures, "outcome_coverage", "outcome=0", sets.CoveredNegatives, counting.TotalNegatives, context.Confidence);
        AddRate(figures, "outcome_coverage", "outcome=1", sets.CoveredPositives, counting.TotalPositives, context.Confidence);
        figures.Add("residual_limit", limit, count: fitting.Total);
        AddRate(figures, "single_outcome_rate", null, sets.Single, counting.Total, context.Confidence);
        AddRate(figures, "empty_rate", null, sets.Empty, counting.Total, context.Confidence);
        AddRate(figures, "undecided_rate", null, counting.Total - sets.Single - sets.Empty, counting.Total, context.Confidence);
        return new Finding(
            string.Create(CultureInfo.InvariantCulture, $"Prediction sets that promise {1 - alpha:P0} contain the outcome in {Figures.Text(coverage)} of {counting.Total} rows; {(double)sets.Single / counting.Total:P0} of them decide."), figures.All)
        {
            Limitations = leftOut,
        };
    }

    private static void AddRate(Figures figures, string name, string? group, long yes, long rows, double level)
    {
        if (rows == 0)
        {
            figures.Undefined(name, "The outcome does not occur.", group, 0);
        }
        else
        {
            figures.Add(name, (double)yes / rows, group, Proportion.ClopperPearson(yes, rows, level), rows);
        }
    }

    /// <summary>The residual of a rank, from the smallest.</summary>
    private static double Quantile(ScoreCounts counts, long rank)
    {
        var seen = 0L;
        foreach (var (residual, rows) in counts.Scores.Select((s, i) => (1 - s, counts.Positives[i])).Concat(counts.Scores.Select((s, i) => (s, counts.Negatives[i]))).OrderBy(r => r.Item1))
        {
            seen += rows;
            if (seen >= rank)
            {
                return residual;
            }
        }

        return 1;
    }

    private readonly record struct Sets(long CoveredPositives, long CoveredNegatives, long Single, long Empty)
    {
        public long Covered => CoveredPositives + CoveredNegatives;

        public static Sets Of(ScoreCounts counts, double limit)
        {
            long positives = 0, negatives = 0, single = 0, empty = 0;
            for (var i = 0; i < counts.Scores.Length; i++)
            {
                bool one = 1 - counts.Scores[i] <= limit, zero = counts.Scores[i] <= limit;
                positives += one ? counts.Positives[i] : 0;
                negatives += zero ? counts.Negatives[i] : 0;
                single += one != zero ? counts.Count(i) : 0;
                empty += !one && !zero ? counts.Count(i) : 0;
            }

            return new Sets(positives, negatives, single, empty);
        }
    }
}

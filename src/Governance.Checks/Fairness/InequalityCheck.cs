using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Fairness;

/// <summary>How unequally do errors hand out undeserved benefit and harm among individuals, and how much of it lies between groups?</summary>
public sealed class InequalityCheck : TallyCheck
{
    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "fairness.inequality",
        Version = "2",
        Family = CheckFamily.Fairness,
        Title = "Inequality of benefit",
        Purpose = "How far do decisions depart from what outcomes justify, over all individuals, and how much of that follows group lines?",
        Method = "The benefit of a labelled row is decision - outcome + 1 in the favourable framing: 0 for a person wrongly refused, 1 for a right decision, 2 for one wrongly favoured. Theil's index and the generalized entropy index (alpha = 2) of "
            + "benefits over all rows, with delta-method intervals; their between-group part, with every row given its group's mean benefit; share_between is its share of Theil's index.",
        SignsOfHighRisk = "A share between groups of more than a few percent: errors are sorted by group, not spread by chance. Indices that rise from one version to the next.",
        Strengths = "One figure for individual and group unfairness that decomposes exactly.",
        Limits = "An index has no natural limit: compare versions and models, not values. Over-favoured and wrongly refused people weigh by the formula, not by harm. Needs outcomes, which refused applicants lack.",
        Sources = ["Speicher et al. (2018), A unified approach to quantifying algorithmic unfairness, KDD", "Theil (1967), Economics and Information Theory"],
        Parameters = [CheckParameters.Confidence],
        Measures =
        [
            new("generalized_entropy_index", "generalized entropy of benefit, power 2", 0),
            new("theil_index", "Theil's index of benefit", 0),
            new("between_group_generalized_entropy_index", "the part that lies between groups", 0),
            new("between_group_theil_index", "the part that lies between groups", 0),
            new("share_between", "part of Theil's index that lies between groups", 0, 1),
        ],
    };

    public override bool IsRowLocal => true;

    protected override string? Lacks(CheckInput input) => GroupTally.Lacks(input) ?? Outcomes.Lacks(input.Evaluation);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken) =>
        GroupTally.Count(context.Input, rows, tally);

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var leftOut = new List<string>();
        var figures = new Figures();
        foreach (var attribute in GroupTally.Conclude(context.Input, tally, leftOut))
        {
            var groups = attribute.Groups.Where(g => g.Confusion.Total > 0).Select(g => Benefits.Of(g.Confusion)).ToArray();
            var all = groups.Aggregate(new Benefits(0, 0, 0), (a, b) => new Benefits(a.Refused + b.Refused, a.Right + b.Right, a.Favoured + b.Favoured));
            if (all.Total == 0 || all.Mean == 0)
            {
                foreach (var name in new[] { "theil_index", "generalized_entropy_index", "between_group_theil_index", "between_group_generalized_entropy_index", "share_between" })
                {
                    figures.Undefined(name, all.Total == 0 ? "No row has a score, a label and a group." : "Nobody has any benefit.", attribute.Whole, all.Total);
                }

                continue;
            }

            var theil = all.Index(b => b == 0 ? 0 : b * Math.Log(b), (m, mean) => (m / mean) - Math.Log(mean), (m, mean) => (1 / mean, (-m / (mean * mean)) - (1 / mean)));
            var entropy = all.Index(b => b * b, (m, mean) => ((m / (mean * mean)) - 1) / 2, (m, mean) => (1 / (2 * mean * mean), -m / (mean * mean * mean)));
            double between = groups.Sum(g => (double)g.Total / all.Total * Ratio(g) * (Ratio(g) == 0 ? 0 : Math.Log(Ratio(g))));
            double betweenEntropy = groups.Sum(g => (double)g.Total / all.Total * ((Ratio(g) * Ratio(g)) - 1)) / 2;
            double Ratio(Benefits g) => g.Mean / all.Mean;
            var level = context.Confidence;
            figures.Add("theil_index", theil.Value, attribute.Whole, Interval.Around(theil.Value, theil.Error, level, "delta method", 0), all.Total);
            figures.Add("generalized_entropy_index", entropy.Value, attribute.Whole, Interval.Around(entropy.Value, entropy.Error, level, "delta method", 0), all.Total);
            figures.Add("between_group_theil_index", between, attribute.Whole, count: all.Total);
            figures.Add("between_group_generalized_entropy_index", betweenEntropy, attribute.Whole, count: all.Total);
            figures.Add("share_between", theil.Value > 0 ? Math.Min(1, between / theil.Value) : null, attribute.Whole, count: all.Total, note: theil.Value > 0 ? null : "All benefits are equal.");
        }

        var worst = figures.All.Where(m => m.Name == "share_between" && m.Value is not null).MaxBy(m => m.Value);
        return new Finding(
            worst is null ? "No attribute has an index with a value."
                : $"Theil's index of benefit is {Figures.Text(figures.All.First(m => m.Name == "theil_index" && m.Group == worst.Group))}; at most {Figures.Text(100 * worst.Value)} percent of it lies between groups ({worst.Group!["attribute=".Length..]}).",
            figures.All)
        {
            Limitations = leftOut,
        };
    }

    /// <summary>Rows with benefit 0, 1 and 2.</summary>
    private readonly record struct Benefits(long Refused, long Right, long Favoured)
    {
        public long Total => Refused + Right + Favoured;

        public double Mean => (Right + (2.0 * Favoured)) / Total;

        public static Benefits Of(Confusion c) => new(c.FalseNegatives, c.TruePositives + c.TrueNegatives, c.FalsePositives);

        /// <summary>A function of the mean of <paramref name="moment"/> and the mean benefit, with its standard error from the gradient.</summary>
        public (double Value, double Error) Index(Func<double, double> moment, Func<double, double, double> index, Func<double, double, (double Moment, double Mean)> gradient)
        {
            double m = Average(moment), mean = Mean;
            var g = gradient(m, mean);
            var variance = Average(b => Math.Pow((g.Moment * (moment(b) - m)) + (g.Mean * (b - mean)), 2));
            return (Math.Max(0, index(m, mean)), Math.Sqrt(variance / Total));
        }

        private double Average(Func<double, double> value) => ((Refused * value(0)) + (Right * value(1)) + (Favoured * value(2))) / Total;
    }
}

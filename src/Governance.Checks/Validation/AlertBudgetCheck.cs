using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Validation;

/// <summary>If only so many cases can be looked at, how many of the events are among them?</summary>
public sealed class AlertBudgetCheck : TallyCheck
{
    private static readonly double[] Budgets = [0.001, 0.005, 0.01, 0.05, 0.1];
    private static readonly CheckParameter Replicates = CheckParameter.Whole("bootstrap_replicates", "Bootstrap replicates for the intervals.", 200, 20, 10_000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "validation.alert_budget",
        Version = "2",
        Family = CheckFamily.Validation,
        Title = "Recall at an alert budget",
        Purpose = "A team can look at a fixed share of the cases, those with the highest scores: what share of the frauds or defaults do they see, and how many of their alerts are right?",
        Method = "For each budget (a share of all labelled rows): expected events among the highest scores, where rows that share the score at the edge enter by lot. Recall = those over all events; precision = those over alerts; lift = precision over the base rate. Average precision (area under precision and recall, without interpolation). "
            + "Percentile intervals by the Poisson bootstrap; Wilson's where every alert is right or none is, for there resampling shows nothing.",
        SignsOfHighRisk = "A recall whose interval includes the budget itself: alerts at random would do as well. Many rows with the score at the edge: who is looked at is decided by lot.",
        Strengths = "The figure a fraud team lives by; depends on the ranking at the top only, where AUC hardly looks.",
        Limits = "With few events the intervals are wide. The budget is taken as a share of these rows; on another day's mix the same score cut gives another number of alerts. Precision depends on the base rate of the sample.",
        Sources = ["Wilson (1927), JASA 22", "Davis and Goadrich (2006), The relationship between precision-recall and ROC curves, ICML", "Chamandy, Muralidharan, Najmi and Naidu (2012), Estimating uncertainty for massive data streams"],
        Parameters = [Replicates, CheckParameters.Confidence],
        Measures =
        [
            new("average_precision", "precision averaged over the gains of recall", 0, 1),
            new("recall_at_budget", "share of events among the alerts of a budget", 0, 1),
            new("precision_at_budget", "share of alerts of a budget that are events", 0, 1),
            new("lift_at_budget", "precision at the budget over the base rate", 0),
        ],
    };

    public override bool IsRowLocal => true;

    protected override bool IsSeeded => true;

    protected override string? Lacks(CheckInput input) => Outcomes.Lacks(input.Evaluation);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken) =>
        Outcomes.CountEvaluation(context.Input, rows, tally.Map(0, Outcomes.Width));

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var leftOut = new List<string>();
        var counts = ScoreCounts.Of(tally.Map(0, Outcomes.Width), "evaluation", leftOut);
        var figures = new Figures();
        if (counts.TotalPositives == 0)
        {
            figures.Undefined("average_precision", "No event occurs.", count: counts.Total);
            return new Finding("No event occurs among the scored rows, so there is nothing to be found.", figures.All) { Limitations = leftOut };
        }

        static double[] All(ScoreCounts c) => [Ranking.AveragePrecision(c), .. Budgets.Select(b => Found(c, b) / c.TotalPositives), .. Budgets.Select(b => Found(c, b) / (b * c.Total))];
        var (values, intervals) = (All(counts), PoissonBootstrap.Intervals(counts, All, context.Parameters.Whole(Replicates.Name), context.Input.Seed, context.Confidence, cancellationToken));
        figures.Add("average_precision", values[0], interval: intervals[0], count: counts.Total);
        var baseRate = (double)counts.TotalPositives / counts.Total;
        for (var b = 0; b < Budgets.Length; b++)
        {
            var group = string.Create(CultureInfo.InvariantCulture, $"budget={Budgets[b]}");
            if (Budgets[b] * counts.Total < 1)
            {
                figures.Insufficient("recall_at_budget", "The budget is less than one row.", group, counts.Total);
                continue;
            }

            var (recall, precision) = (intervals[1 + b], values[1 + Budgets.Length + b]);
            figures.Add("recall_at_budget", values[1 + b], group, recall, counts.TotalPositives);
            figures.Add("precision_at_budget", precision, group, precision is > 0 and < 1 ? intervals[1 + Budgets.Length + b] : Proportion.Wilson(precision, Budgets[b] * counts.Total, context.Confidence), counts.Total);

            // Lift is recall over the budget, which is fixed.
            figures.Add("lift_at_budget", precision / baseRate, group, recall is { } r ? r with { Lower = r.Lower / Budgets[b], Upper = r.Upper / Budgets[b] } : null, counts.Total);
        }

        var at1 = figures.All.First(m => m.Name == "recall_at_budget" && m.Group == "budget=0.05");
        return new Finding($"Among the highest twentieth of the scores are {Figures.Text(at1)} of {counts.TotalPositives} events; average precision {Figures.Text(values[0])}.", figures.All) { Limitations = leftOut };
    }

    /// <summary>Expected events among the highest share of the rows, ties at the edge by lot.</summary>
    public static double Found(ScoreCounts counts, double budget)
    {
        double left = budget * counts.Total, found = 0;
        for (var i = counts.Scores.Length - 1; i >= 0 && left > 0; i--)
        {
            var take = Math.Min(left, counts.Count(i));
            found += counts.Count(i) == 0 ? 0 : take * counts.Positives[i] / counts.Count(i);
            left -= take;
        }

        return found;
    }
}

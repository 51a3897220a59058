using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Robustness;

/// <summary>How bad could the losses be if the population moved to those whom the model serves worst?</summary>
public sealed class WorstCaseShiftCheck : TallyCheck
{
    private static readonly double[] Shares = [0.5, 0.2, 0.1, 0.05];
    private static readonly CheckParameter Replicates = CheckParameter.Whole("bootstrap_replicates", "Bootstrap replicates for the intervals.", 200, 20, 10_000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "robustness.worst_case_shift",
        Version = "1",
        Family = CheckFamily.Robustness,
        Title = "Worst-case shift of the population",
        Purpose = "If next year's applicants were those among today's on whom the model errs most, how large would its losses be?",
        Method = "For a share alpha of the rows, the mean loss of the worst alpha of them (conditional value at risk), which is the largest mean loss under any reweighting that makes no row more than 1/alpha times as frequent. Log loss and squared error; percentile intervals by the Poisson bootstrap; the ratio to the mean over all rows.",
        SignsOfHighRisk = "A mean loss of the worst half above that of a forecast that knows only the base rate; a squared error of the worst tenth near 1, which means confident errors.",
        Strengths = "Needs no list of scenarios; one number per share bounds them all. Exact from counts of scores.",
        Limits = "Includes bad luck: of two people with the same score, the one who defaulted is in the worst share. It bounds shifts of who applies, not changes of what leads to default. The worst imaginable mixture is rarely the one that comes.",
        Sources = ["Rockafellar and Uryasev (2000), Optimization of conditional value-at-risk, Journal of Risk 2", "Duchi and Namkoong (2021), Annals of Statistics 49"],
        Parameters = [Replicates, CheckParameters.Confidence],
        Measures =
        [
            new("cvar_log_loss", "mean log loss of the worst share of rows", 0),
            new("cvar_squared_error", "mean squared error of the worst share of rows", 0, 1),
            new("cvar_log_loss_ratio", "mean log loss of the worst share over that of all", 0),
            new("mean_log_loss", "mean log loss of all rows", 0),
            new("mean_squared_error", "mean squared error of all rows", 0, 1),
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
        if (counts.Total == 0)
        {
            figures.Undefined("cvar_log_loss", "No row has a score and an outcome of 0 or 1.", count: 0);
            return new Finding("No row has a score and an outcome, so there are no losses.", figures.All) { Limitations = leftOut };
        }

        double[] All(ScoreCounts c) => [.. Shares.Select(a => WorstMean(c, a, Probability.LogLoss)), .. Shares.Select(a => WorstMean(c, a, Probability.SquaredError))];
        var (values, intervals) = (All(counts), PoissonBootstrap.Intervals(counts, All, context.Parameters.Whole(Replicates.Name), context.Input.Seed, context.Confidence, cancellationToken));
        var (meanLog, meanSquared) = (Probability.Mean(counts, Probability.LogLoss).Mean, Probability.Mean(counts, Probability.SquaredError).Mean);
        for (var i = 0; i < Shares.Length; i++)
        {
            var group = string.Create(CultureInfo.InvariantCulture, $"alpha={Shares[i]}");
            figures.Add("cvar_log_loss", values[i], group, intervals[i], counts.Total);
            figures.Add("cvar_squared_error", values[Shares.Length + i], group, intervals[Shares.Length + i], counts.Total);
            figures.Add("cvar_log_loss_ratio", values[i] / meanLog, group, count: counts.Total, note: meanLog > 0 ? "To the mean over all rows." : "The mean loss is 0.");
        }

        figures.Add("mean_log_loss", meanLog, count: counts.Total);
        figures.Add("mean_squared_error", meanSquared, count: counts.Total);
        return new Finding(
            $"The mean log loss of {Figures.Text(meanLog)} becomes {Figures.Text(values[0])} on the worst half of the rows and {Figures.Text(values[2])} on the worst tenth.", figures.All)
        {
            Limitations = leftOut,
        };
    }

    /// <summary>Mean loss of the worst share of the rows, a fraction of the last row included.</summary>
    public static double WorstMean(ScoreCounts counts, double share, Func<double, int, double> loss)
    {
        var losses = new List<(double Loss, long Rows)>(2 * counts.Scores.Length);
        for (var i = 0; i < counts.Scores.Length; i++)
        {
            losses.Add((loss(counts.Scores[i], 0), counts.Negatives[i]));
            losses.Add((loss(counts.Scores[i], 1), counts.Positives[i]));
        }

        double wanted = share * counts.Total, taken = 0, sum = 0;
        foreach (var (value, rows) in losses.Where(l => l.Rows > 0).OrderByDescending(l => l.Loss))
        {
            var take = Math.Min(rows, wanted - taken);
            sum += take * value;
            taken += take;
            if (taken >= wanted)
            {
                break;
            }
        }

        return sum / taken;
    }
}

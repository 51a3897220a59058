using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Validation;

/// <summary>Do scores mean what they say as probabilities?</summary>
public sealed class CalibrationCheck : TallyCheck
{
    private const int Weighted = 1;

    private static readonly string[] Bootstrapped = ["expected_calibration_error", "brier_reliability", "brier_resolution", "brier_uncertainty"];

    private static readonly CheckParameter Bins = CheckParameter.Whole("bins", "Bins of the calibration tables and of the expected calibration error.", 10, 3, 100);

    private static readonly CheckParameter Replicates =
        CheckParameter.Whole("bootstrap_replicates", "Bootstrap replicates for the expected calibration error and the parts of the Brier score.", 200, 20, 10_000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "validation.calibration",
        Version = "2",
        Family = CheckFamily.Validation,
        Title = "Calibration",
        Purpose = "When the model says 20 percent, does it happen to 20 in 100? Pricing, provisions and cut-offs rest on it.",
        Method = "Logistic regression of the label on the log-odds of the score: intercept 0 and slope 1 mean calibrated (slope below 1: scores too extreme), with Wald intervals and a "
            + "likelihood-ratio test of both; calibration in the large with the slope held at 1; Spiegelhalter's Z; the cumulative-difference test, which needs no bins; "
            + "expected calibration error over equal-width bins; Hosmer-Lemeshow over quantile bins on as many degrees of freedom as bins, because the rows were not used to fit the model (bins - 2 is for the fitting data). Scores of 0 and 1 are cut to 1e-6 from the ends for log-odds. "
            + "The Brier score is split over the quantile bins into reliability (0 is calibrated), resolution (how far bins differ from the base rate; the generalized one, which takes in what lies within bins) and uncertainty (base rate times its complement): score = reliability - resolution + uncertainty, with a Poisson bootstrap. "
            + "Where weights are declared, calibration in the large also by weighted likelihood equations, with the linearised (sandwich) standard error.",
        SignsOfHighRisk = "A slope whose interval lies below 1 (overfitting) or an intercept whose interval lies away from 0 (the level of risk has moved); a small p-value of Spiegelhalter's "
            + "or the cumulative test together with a gap that matters in money.",
        Strengths = "Three tests without arbitrary bins beside the familiar picture with intervals; says how it is miscalibrated, not only that it is.",
        Limits = "With very many rows a harmless deviation is significant, with few a harmful one is not: read the size beside the p-value. Hosmer-Lemeshow depends on its bins and is reported, "
            + "not to be gated on alone. The expected calibration error and the reliability are biased upwards in small samples.",
        Sources =
        [
            "Cox (1958), Biometrika 45", "Spiegelhalter (1986), Statistics in Medicine 5", "Arrieta-Ibarra et al. (2022), Metrics of calibration for probabilistic predictions, JMLR 23",
            "Hosmer and Lemeshow (1980), Communications in Statistics A9",
            "Murphy (1973), Journal of Applied Meteorology 12", "Stephenson, Coelho and Jolliffe (2008), Weather and Forecasting 23", "Van Calster et al. (2019), BMC Medicine 17",
        ],
        Parameters = [Bins, CheckParameters.Confidence, Replicates],
        Measures =
        [
            new("expected_calibration_error", "mean distance of score and event rate over bins, weighted by rows", 0, 1),
            new("brier_reliability", "part of the Brier score due to miscalibration of the bins; 0 is calibrated", 0, 1),
            new("brier_resolution", "part by which bins and scores within them tell outcomes apart"),
            new("brier_uncertainty", "base rate times its complement: the Brier score of who knows the base rate only", 0, 0.25),
            new("slope", "slope of the recalibration on the log-odds; 1 is calibrated"),
            new("intercept", "intercept of the recalibration on the log-odds; 0 is calibrated"),
            new("calibration_in_the_large", "intercept with slope 1, in log-odds"),
            new("weighted_calibration_in_the_large", "intercept with slope 1, rows counted by weight, in log-odds"),
            new("recalibration_likelihood_ratio", "likelihood ratio of slope and intercept against 1 and 0", 0),
            new("spiegelhalter_z", "Spiegelhalter's Z; 0 is expected"),
            new("hosmer_lemeshow", "sum of squared standardised residuals of the bins", 0),
            new("cumulative_difference", "largest cumulative difference of outcomes and scores over its standard error", 0),
        ],
        Tables =
        [
            new("calibration", ["lower", "upper", "mean_score", "fraction_positive", "fraction_lower", "fraction_upper", "count"]),
            new("calibration_uniform", ["lower", "upper", "mean_score", "fraction_positive", "fraction_lower", "fraction_upper", "count"]),
        ],
        Thresholds =
        [
            new("expected_calibration_error", LimitKind.AtMost, [0.02, 0.03, 0.05], "House; the lower end of the interval is compared.", "model-risk/calibration_error_max"),
        ],
    };

    public override bool IsRowLocal => true;

    protected override bool IsSeeded => true;

    protected override bool HasWeightedMeasures => true;

    protected override string? Lacks(CheckInput input) => Outcomes.Lacks(input.Evaluation);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        Outcomes.CountEvaluation(context.Input, rows, tally.Map(0, Outcomes.Width));
        WeightedRows.CountByLabel(context.Input, rows, tally, Weighted);
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var level = context.Confidence;
        var leftOut = new List<string>();
        var counts = ScoreCounts.Of(tally.Map(0, Outcomes.Width), "evaluation", leftOut);
        if (counts.Scores.Any(s => s is < 0 or > 1))
        {
            leftOut.Add("Some scores lie outside [0, 1]: they are not probabilities, and calibration has no meaning for them.");
        }

        var bins = context.Parameters.Whole(Bins.Name);
        var uniform = CalibrationBins.Uniform(counts, bins);
        var quantile = CalibrationBins.Quantile(counts, bins);
        var figures = new Figures();
        AddRecalibration(figures, counts, level);

        if (WeightedRows.Declared(context.Input))
        {
            AddWeighted(figures, WeightedRows.ByLabel(tally, Weighted), level);
        }

        var z = CalibrationTests.Spiegelhalter(counts);
        figures.Add("spiegelhalter_z", z, pValue: Tail.TwoSidedNormal(z), test: "Spiegelhalter, two-sided normal", count: counts.Total,
            note: double.IsNaN(z) ? "Every score is 0, 1/2 or 1." : null);
        var cumulative = CalibrationTests.CumulativeDifference(counts);
        figures.Add("cumulative_difference", cumulative, pValue: Tail.BrownianMaximum(cumulative), test: "maximum of Brownian motion", count: counts.Total,
            note: double.IsNaN(cumulative) ? "Every score is 0 or 1." : null);

        double[] Errors(ScoreCounts c)
        {
            var murphy = CalibrationBins.Murphy(c, CalibrationBins.Quantile(c, bins));
            return [CalibrationBins.ExpectedError(c, CalibrationBins.Uniform(c, bins)), murphy.Reliability, murphy.Resolution, murphy.Uncertainty];
        }

        var errors = Errors(counts);
        var intervals = counts.Total == 0
            ? new Interval?[errors.Length]
            : PoissonBootstrap.Intervals(counts, Errors, context.Parameters.Whole(Replicates.Name), context.Input.Seed, level, cancellationToken);
        foreach (var (i, name) in Bootstrapped.Index())
        {
            figures.Add(name, errors[i], count: counts.Total, interval: intervals[i]);
        }

        var statistic = CalibrationTests.HosmerLemeshow(quantile);
        if (quantile.Count > 2 && double.IsFinite(statistic))
        {
            figures.Add("hosmer_lemeshow", statistic, pValue: Tail.ChiSquared(statistic, quantile.Count), test: $"chi-squared, {quantile.Count} df", count: counts.Total);
        }
        else
        {
            figures.Undefined("hosmer_lemeshow", "Fewer than three score bins, or a bin whose scores are all 0 or all 1.", count: counts.Total);
        }

        var slope = figures.All.First(m => m.Name == "slope");
        return new Finding(
            $"Calibration slope {Figures.Text(slope)}, intercept {Figures.Text(figures.All.First(m => m.Name == "intercept"))}; expected calibration error {Figures.Text(errors[0])}; Spiegelhalter's Z {Figures.Text(z)} (p = {Figures.Text(Tail.TwoSidedNormal(z))}).",
            figures.All)
        {
            Tables = [Table("calibration", "Calibration by quantiles of the score", quantile, level), Table("calibration_uniform", "Calibration by equal-width bins", uniform, level)],
            Limitations = leftOut,
        };
    }

    private static void AddRecalibration(Figures figures, ScoreCounts counts, double level)
    {
        if (LogisticRecalibration.Fit(counts) is { } fit)
        {
            figures.Add("intercept", fit.Intercept, interval: Interval.Around(fit.Intercept, fit.InterceptError, level, "Wald"),
                pValue: Tail.TwoSidedNormal(fit.Intercept / fit.InterceptError), test: "Wald, intercept = 0", count: counts.Total);
            figures.Add("slope", fit.Slope, interval: Interval.Around(fit.Slope, fit.SlopeError, level, "Wald"),
                pValue: Tail.TwoSidedNormal((fit.Slope - 1) / fit.SlopeError), test: "Wald, slope = 1", count: counts.Total);
            figures.Add("recalibration_likelihood_ratio", fit.LikelihoodRatio,
                pValue: Tail.ChiSquared(fit.LikelihoodRatio, 2), test: "likelihood ratio, intercept = 0 and slope = 1, 2 df", count: counts.Total);
        }
        else
        {
            foreach (var name in new[] { "intercept", "slope", "recalibration_likelihood_ratio" })
            {
                figures.Undefined(name, "The recalibration has no maximum: one label, one score, or labels that the score separates perfectly.", count: counts.Total);
            }
        }

        if (LogisticRecalibration.FitIntercept(counts) is { } large)
        {
            figures.Add("calibration_in_the_large", large.Intercept, interval: Interval.Around(large.Intercept, large.Error, level, "Wald"),
                pValue: Tail.TwoSidedNormal(large.Intercept / large.Error), test: "Wald, intercept = 0 at slope 1", count: counts.Total);
        }
        else
        {
            figures.Undefined("calibration_in_the_large", "Only one label occurs.", count: counts.Total);
        }
    }

    private static void AddWeighted(Figures figures, WeightedScores scores, double level)
    {
        const string Name = "weighted_calibration_in_the_large";
        if (LogisticRecalibration.FitIntercept(scores) is { } fit)
        {
            figures.Add(Name, fit.Intercept, interval: Interval.Around(fit.Intercept, fit.Error, level, "normal, linearised"),
                pValue: Tail.TwoSidedNormal(fit.Intercept / fit.Error), test: "z, linearised, intercept = 0 at slope 1", count: scores.Count);
        }
        else
        {
            figures.Undefined(Name, "Only one label occurs among the weighted rows.", count: scores.Count);
        }
    }

    private static Table Table(string name, string title, IEnumerable<CalibrationBin> bins, double level) => new(name, title,
        [
            new("lower", "Score above"), new("upper", "Score up to"), new("mean_score", "Mean score"), new("fraction_positive", "Observed rate"),
            new("fraction_lower", "Lower bound"), new("fraction_upper", "Upper bound"), new("count", "Rows", "integer"),
        ],
        [.. bins.Select(b =>
        {
            var interval = Proportion.Wilson(b.Positives, b.Count, level);
            return (IReadOnlyList<Cell>)[b.Lower, b.Upper, b.MeanScore, b.FractionPositive, interval.Lower, interval.Upper, (double)b.Count];
        })]);
}

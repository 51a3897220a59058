using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Validation;

/// <summary>How well does the score separate the outcomes, and how good are the decisions at the threshold?</summary>
public sealed class DiscriminationCheck : TallyCheck
{
    private const int Evaluation = 0;
    private const int Training = 1;
    private const int Weighted = 2;
    private const int RocPoints = 200;

    private static readonly CheckParameter Replicates =
        CheckParameter.Whole("bootstrap_replicates", "Bootstrap replicates for figures without a closed-form interval.", 200, 20, 10_000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "validation.discrimination",
        Version = "1",
        Family = CheckFamily.Validation,
        Title = "Discrimination and decision quality",
        Purpose = "Does the score rank those who will have the event above those who will not, and how often are decisions at the threshold right?",
        Method = "AUC as the Mann-Whitney probability with ties counted half, interval by DeLong's variance from midranks; Gini = 2 AUC - 1; KS is the largest distance between "
            + "the score distributions of the two outcomes; average precision without interpolation; Brier score and log loss as means over rows; confusion rates for the "
            + "decision score >= threshold with Wilson intervals; KS, average precision, F1, Matthews' correlation and kappa with a Poisson bootstrap. "
            + "With training data, auc_gap = training AUC - evaluation AUC, the two samples taken as independent. "
            + "Where weights are declared, AUC, Gini, KS, Brier score, log loss, mean score and base rate are also given with every row counted by its weight: intervals by linearisation for rows drawn "
            + "independently (of the AUC over DeLong's placements), of KS by the Poisson bootstrap.",
        SignsOfHighRisk = "A lower bound of AUC near 0.5; an AUC gap whose interval lies above about 0.04 (overfitting); a precision or recall far from the one the business case assumed.",
        Strengths = "Exact over ties; independent of calibration; every figure has an interval. Comparable with the figures of common libraries to the last digits.",
        Limits = "Ranking says nothing about calibration or fairness. Outcomes of refused applicants are unobserved, so figures hold for the population that was accepted. "
            + "No threshold for AUC or KS is statutory; thresholds come from the policy.",
        Sources =
        [
            "DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44", "Sun and Xu (2014), IEEE Signal Processing Letters 21", "Hand and Till (2001), Machine Learning 45",
            "Brier (1950), Monthly Weather Review 78", "Wilson (1927), JASA 22", "Chamandy et al. (2012), Estimating uncertainty for massive data streams",
        ],
        Parameters = [CheckParameters.Confidence, Replicates],
        Measures =
        [
            new("auc", "probability that a row of label 1 outranks one of label 0", 0, 1),
            new("gini", "2 AUC - 1", -1, 1),
            new("ks", "largest distance between the score distributions of the two labels", 0, 1),
            new("average_precision", "precision averaged over the gains of recall", 0, 1),
            new("balanced_accuracy", "mean of recall and specificity", 0, 1),
            new("f1", "harmonic mean of precision and recall", 0, 1),
            new("mcc", "correlation of decisions and outcomes (Matthews)", -1, 1),
            new("cohen_kappa", "agreement of decisions and outcomes beyond chance", -1, 1),
            new("brier", "mean squared distance of score and outcome", 0, 1),
            new("log_loss", "mean negative log-likelihood of the outcomes", 0),
            new("mean_score", "mean score", 0, 1),
            new("base_rate", "share of label 1", 0, 1),
            new("accuracy", "share of right decisions", 0, 1),
            new("precision", "share of label 1 among those predicted 1", 0, 1),
            new("recall", "share predicted 1 among label 1", 0, 1),
            new("specificity", "share predicted 0 among label 0", 0, 1),
            new("predicted_positive_rate", "share predicted 1", 0, 1),
            new("weighted_auc", "AUC, rows counted by weight", 0, 1),
            new("weighted_gini", "2 weighted AUC - 1", -1, 1),
            new("weighted_ks", "KS, rows counted by weight", 0, 1),
            new("weighted_brier", "weighted mean squared distance of score and outcome", 0, 1),
            new("weighted_log_loss", "weighted mean negative log-likelihood of the outcomes", 0),
            new("weighted_mean_score", "weighted mean score", 0, 1),
            new("weighted_base_rate", "weighted share of label 1", 0, 1),
            new("train_auc", "AUC on the training data", 0, 1),
            new("auc_gap", "AUC on training less AUC on evaluation data", -1, 1),
        ],
        Tables =
        [
            new("confusion", ["outcome", "predicted_0", "predicted_1"]),
            new("roc", ["fpr", "tpr", "threshold"]),
        ],
        Thresholds =
        [
            new("auc", LimitKind.AtLeast, [0.7, 0.68, 0.65], "House.", "model-risk/auc_min"),
            new("auc_gap", LimitKind.AtMost, [0.02, 0.03, 0.05], "House; the lower end of the interval is compared.", "model-risk/auc_gap_max"),
            new("ks", LimitKind.AtLeast, [0.2, 0.18, 0.15], "House.", "model-risk/ks_min"),
        ],
    };

    protected override bool IsSeeded => true;

    protected override bool HasWeightedMeasures => true;

    protected override string? Lacks(CheckInput input) => Outcomes.Lacks(input.Evaluation);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        Outcomes.CountEvaluation(context.Input, rows, tally.Map(Evaluation, Outcomes.Width));
        Outcomes.CountTraining(context.Input, rows, tally.Map(Training, Outcomes.Width));
        WeightedRows.CountByLabel(context.Input, rows, tally, Weighted);
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var level = context.Confidence;
        var leftOut = new List<string>();
        var counts = ScoreCounts.Of(tally.Map(Evaluation, Outcomes.Width), "evaluation", leftOut);
        var training = ScoreCounts.Of(tally.Map(Training, Outcomes.Width), "training", leftOut);
        var confusion = Confusion.Of(counts, context.Input.Threshold);
        var figures = new Figures();

        var auc = Ranking.Auc(counts);
        var aucMeasure = AddAuc(figures, "auc", auc, counts, level);
        AddGini(figures, auc, counts, level);
        AddBootstrapped(figures, context, counts, cancellationToken);
        AddLosses(figures, counts, level);
        AddRates(figures, confusion, level);
        if (context.Input.Training is not null)
        {
            AddGap(figures, auc, training, level);
        }

        if (WeightedRows.Declared(context.Input))
        {
            WeightedDiscrimination.Add(figures, WeightedRows.ByLabel(tally, Weighted), context.Parameters.Whole(Replicates.Name), context.Input.Seed, level, cancellationToken);
        }

        var ks = figures.All.First(m => m.Name == "ks");
        return new Finding(
            string.Create(CultureInfo.InvariantCulture,
                $"AUC is {Figures.Text(aucMeasure)} and KS {Figures.Text(ks.Value)} on {counts.Total} labelled rows, {counts.TotalPositives} of them with label 1; at the threshold {Figures.Text(context.Input.Threshold)} {Figures.Text(confusion.Accuracy)} of the decisions are right."),
            figures.All)
        {
            Tables = [Roc(counts), ConfusionTable(confusion)],
            Limitations = leftOut,
        };
    }

    private static Measure AddAuc(Figures figures, string name, AucEstimate auc, ScoreCounts counts, double level) =>
        !counts.HasBothClasses
            ? figures.Undefined(name, OneClass(counts), count: counts.Total)
            : figures.Add(name, auc.Value, interval: auc.Interval(level), count: counts.Total,
                note: auc.Interval(level) is null ? "DeLong's variance is zero or has no value here, so there is no interval." : null);

    private static void AddGini(Figures figures, AucEstimate auc, ScoreCounts counts, double level)
    {
        if (!counts.HasBothClasses)
        {
            figures.Undefined("gini", OneClass(counts), count: counts.Total);
            return;
        }

        var interval = auc.Interval(level) is { } i ? i with { Lower = (2 * i.Lower) - 1, Upper = (2 * i.Upper) - 1 } : (Interval?)null;
        figures.Add("gini", (2 * auc.Value) - 1, interval: interval, count: counts.Total);
    }

    private static void AddBootstrapped(Figures figures, CheckContext context, ScoreCounts counts, CancellationToken cancellationToken)
    {
        string[] names = ["ks", "average_precision", "balanced_accuracy", "f1", "mcc", "cohen_kappa"];
        double[] Statistics(ScoreCounts c)
        {
            var confusion = Confusion.Of(c, context.Input.Threshold);
            return
            [
                Ranking.KolmogorovSmirnov(c), Ranking.AveragePrecision(c), confusion.BalancedAccuracy, confusion.F1, confusion.Matthews, confusion.Kappa,
            ];
        }

        var values = Statistics(counts);
        var intervals = counts.HasBothClasses
            ? PoissonBootstrap.Intervals(counts, Statistics, context.Parameters.Whole(Replicates.Name), context.Input.Seed, context.Confidence, cancellationToken)
            : new Interval?[names.Length];
        intervals[0] = intervals[0]?.Turned(values[0], 0, 1);
        for (var i = 0; i < names.Length; i++)
        {
            figures.Add(names[i], values[i], interval: intervals[i], count: counts.Total,
                note: double.IsFinite(values[i]) ? null : counts.HasBothClasses ? "A denominator is zero at this threshold." : OneClass(counts));
        }
    }

    private static void AddLosses(Figures figures, ScoreCounts counts, double level)
    {
        Add("brier", Probability.SquaredError, 0, 1);
        Add("log_loss", Probability.LogLoss, 0, double.PositiveInfinity);
        Add("mean_score", (score, _) => score, 0, 1);

        void Add(string name, Func<double, int, double> value, double minimum, double maximum)
        {
            var (mean, error) = Probability.Mean(counts, value);
            figures.Add(name, mean, interval: Interval.Around(mean, error, level, "normal, standard error of the mean", minimum, maximum), count: counts.Total);
        }
    }

    private static void AddRates(Figures figures, Confusion c, double level)
    {
        Rate("base_rate", c.Positives, c.Total);
        Rate("accuracy", c.TruePositives + c.TrueNegatives, c.Total);
        Rate("precision", c.TruePositives, c.PredictedPositives);
        Rate("recall", c.TruePositives, c.Positives);
        Rate("specificity", c.TrueNegatives, c.Negatives);
        Rate("predicted_positive_rate", c.PredictedPositives, c.Total);

        void Rate(string name, long part, long whole)
        {
            if (whole == 0)
            {
                figures.Undefined(name, "Its denominator is zero.", count: 0);
                return;
            }

            figures.Add(name, (double)part / whole, interval: Proportion.Wilson(part, whole, level), count: whole);
        }
    }

    private static void AddGap(Figures figures, AucEstimate auc, ScoreCounts training, double level)
    {
        var trained = Ranking.Auc(training);
        AddAuc(figures, "train_auc", trained, training, level);
        var gap = trained.Value - auc.Value;
        var variance = trained.Variance + auc.Variance;
        figures.Add("auc_gap", gap,
            interval: variance > 0 ? Interval.Around(gap, Math.Sqrt(variance), level, "DeLong, independent samples", -1, 1) : null,
            pValue: variance > 0 ? Tail.TwoSidedNormal(gap / Math.Sqrt(variance)) : null, test: "z, independent AUCs", count: training.Total);
    }

    private static string OneClass(ScoreCounts counts) =>
        counts.Total == 0 ? "No row has both a score and a label." : "Only one label occurs, so there is nothing to separate.";

    /// <summary>The curve from (0, 0) to (1, 1), thinned to evenly spaced ranks of the distinct scores.</summary>
    private static Table Roc(ScoreCounts counts)
    {
        var rows = new List<IReadOnlyList<Cell>>();
        if (counts.HasBothClasses)
        {
            rows.Add([0.0, 0.0, (double?)null]);
            long tp = 0, fp = 0;
            var points = Math.Min(RocPoints - 1, counts.Scores.Length);
            for (int rank = 1, kept = 1; rank <= counts.Scores.Length; rank++)
            {
                var i = counts.Scores.Length - rank;
                tp += counts.Positives[i];
                fp += counts.Negatives[i];
                if (rank == (int)((long)kept * counts.Scores.Length / points))
                {
                    rows.Add([(double)fp / counts.TotalNegatives, (double)tp / counts.TotalPositives, counts.Scores[i]]);
                    kept++;
                }
            }
        }

        return new Table("roc", "Receiver operating characteristic",
            [new("fpr", "False positive rate"), new("tpr", "True positive rate"), new("threshold", "Score at or above")], rows);
    }

    private static Table ConfusionTable(Confusion c) => new("confusion", "Decisions against outcomes",
        [new("outcome", "Outcome", "text"), new("predicted_0", "Predicted 0", "integer"), new("predicted_1", "Predicted 1", "integer")],
        [["label 0", (double)c.TrueNegatives, (double)c.FalsePositives], ["label 1", (double)c.FalseNegatives, (double)c.TruePositives]]);
}

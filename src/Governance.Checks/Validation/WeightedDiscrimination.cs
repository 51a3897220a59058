using Governance.Checks.Statistics;

namespace Governance.Checks.Validation;

/// <summary>The measures of discrimination that have an accepted weighted form.</summary>
internal static class WeightedDiscrimination
{
    public static void Add(Figures figures, WeightedScores scores, int replicates, long seed, double level, CancellationToken cancellationToken)
    {
        var auc = scores.Auc();
        var note = scores.HasBothClasses ? null : "Only one label occurs among the weighted rows.";
        var error = Math.Sqrt(auc.Variance);
        figures.Add("weighted_auc", auc.Value, interval: error > 0 ? Around(auc.Value, error, 0) : null, count: scores.Count, note: note);
        figures.Add("weighted_gini", (2 * auc.Value) - 1, interval: error > 0 ? Around((2 * auc.Value) - 1, 2 * error, -1) : null, count: scores.Count, note: note);
        var ks = scores.KolmogorovSmirnov();
        figures.Add("weighted_ks", ks, count: scores.Count, note: note, interval: !scores.HasBothClasses ? null
            : PoissonBootstrap.Intervals(scores.Count, multiples => [scores.KolmogorovSmirnov(multiples)], replicates, seed, level, cancellationToken)[0]?.Turned(ks, 0, 1));
        Mean("weighted_brier", Probability.SquaredError);
        Mean("weighted_log_loss", Probability.LogLoss, double.PositiveInfinity);
        Mean("weighted_mean_score", (score, _) => score);
        Mean("weighted_base_rate", (_, label) => label);

        Interval Around(double value, double standardError, double minimum) => Interval.Around(value, standardError, level, "normal, linearised DeLong", minimum, 1);

        void Mean(string name, Func<double, int, double> value, double maximum = 1)
        {
            var mean = scores.Mean(value);
            figures.Add(name, mean.Value, interval: mean.Interval(level, 0, maximum), count: scores.Count, note: scores.Count == 0 ? "No row has a score, a label and a weight." : null);
        }
    }
}

using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Validation;

/// <summary>Did what the model said at the time of decision come true?</summary>
public sealed class OutcomeBacktestCheck : TallyCheck
{
    private static readonly CheckParameter Periods = CheckParameter.Whole("periods", "Parts of equal size the rows are cut into, in their order: of time, when the table is in order of time.", 4, 1, 60);
    private static readonly CheckParameter MinRows = CheckParameter.Whole("min_rows", "Fewest rows with an outcome a period needs.", 30, 2, 1_000_000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "validation.outcome_backtest",
        Version = "1",
        OnRequest = true,
        Family = CheckFamily.Validation,
        Title = "Back-test of logged predictions",
        Purpose = "The scores that were logged when decisions were made, against the outcomes that came later: was the level right, did the ranking hold, and does either change over time?",
        Method = "The logged score is the reference score column; an outcome that has not come yet is a missing label. Over all matured rows and in each period: events observed over events expected (the sum of the scores), with an interval and a two-sided test from the normal approximation of a sum of independent events "
            + "of those probabilities, Holm over periods; AUC with DeLong's interval. Maturity: share of rows with an outcome, also by decision at the threshold.",
        SignsOfHighRisk = "A ratio of observed to expected whose interval lies above 1 in the last periods; an AUC that falls from period to period; hardly any outcomes among those who were declined, whose risk then stays unknown.",
        Strengths = "Tests what was said, not what the present file would say now: code, data feed and model together.",
        Limits = "Outcomes are known mostly for those who were accepted: figures are about them. Recent periods have matured least and their rates may still rise. Defaults that depend on one another make the interval too narrow.",
        Sources = ["Basel Committee (2005), Studies on the validation of internal rating systems, WP 14", "DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44", "Holm (1979), Scandinavian Journal of Statistics 6"],
        Parameters = [Periods, MinRows, CheckParameters.Confidence],
        Measures =
        [
            new("matured_share", "share of rows whose outcome is known", 0, 1),
            new("logged_auc", "AUC of the logged score", 0, 1),
            new("observed_over_expected", "events observed over those the logged scores expected", 0),
        ],
    };

    protected override string? Lacks(CheckInput input) => Outcomes.Lacks(input.Evaluation) ?? (Logged(input.Evaluation) is null ? "The evaluation data has no column of logged scores (role reference score)." : null);

    private static ReadOnlyMemory<double>? Logged(DataTable table) => table.WithRole(ColumnRole.ReferenceScore).OfType<Float64Column>().FirstOrDefault()?.Values;

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var logged = Logged(context.Input.Evaluation)!.Value.Span;
        var outcome = Outcomes.Of(context.Input.Evaluation);
        long periods = context.Parameters.Whole(Periods.Name), all = context.Input.Evaluation.RowCount;
        for (var row = rows.Start; row < rows.Start + rows.Count; row++)
        {
            tally.Map((int)(row * periods / all), Outcomes.Width).Add(logged[row], outcome(row));
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var (periods, minimum) = (context.Parameters.Whole(Periods.Name), context.Parameters.Whole(MinRows.Name));
        var maps = Enumerable.Range(0, periods).Select(p => tally.Map(p, Outcomes.Width)).ToArray();
        var figures = new Figures();
        var leftOut = new List<string>();
        var total = CountMap.Merge(maps);
        var whole = ScoreCounts.Of(total, "logged", leftOut);
        AddMaturity(figures, context, total);
        AddAuc(figures, whole, null, minimum, context.Confidence);
        var all = OfPeriod.Of(whole, minimum);
        Add(figures, all, null, context.Confidence, all?.PValue, null, "normal approximation, two-sided");

        var parts = maps.Select(m => ScoreCounts.Of(m, "", [])).ToArray();
        var tests = parts.Select(p => OfPeriod.Of(p, minimum)).ToArray();
        var adjusted = Multiplicity.Holm([.. tests.OfType<OfPeriod>().Select(t => t.PValue)]);
        for (int p = 0, t = 0; p < periods && periods > 1; p++)
        {
            var group = string.Create(CultureInfo.InvariantCulture, $"period={p + 1}");
            Add(figures, tests[p], group, context.Confidence, tests[p]?.PValue, tests[p] is null ? null : adjusted[t++], $"normal approximation, Holm over {adjusted.Length} periods");
            AddAuc(figures, parts[p], group, minimum, context.Confidence);
        }

        return new Finding(
            all is null
                ? $"Fewer than {minimum} logged predictions have an outcome that can be compared."
                : string.Create(CultureInfo.InvariantCulture, $"{all.Observed} events came where the logged scores expected {Figures.Text(all.Expected)}: a ratio of {Figures.Text(figures.All.First(m => m.Name == "observed_over_expected" && m.Group is null))}."),
            figures.All)
        {
            Limitations = leftOut,
        };
    }

    private static void AddMaturity(Figures figures, CheckContext context, CountMap total)
    {
        long Count(Func<double, bool> where, int column) => Enumerable.Range(0, total.Length).Where(i => where(total.Key(i))).Sum(i => total.Count(i, column));
        void Add(string? group, Func<double, bool> where)
        {
            long matured = Count(where, Outcomes.Negative) + Count(where, Outcomes.Positive), rows = matured + Count(where, Outcomes.Unlabelled);
            if (rows == 0)
            {
                figures.Undefined("matured_share", "There is no such row.", group, 0);
            }
            else
            {
                figures.Add("matured_share", (double)matured / rows, group, count: rows);
            }
        }

        bool Favours(double score) => (score >= context.Input.Threshold ? 1 : 0) == context.Input.FavourablePrediction;
        Add(null, _ => true);
        Add("decision=favourable", s => !double.IsNaN(s) && Favours(s));
        Add("decision=unfavourable", s => !double.IsNaN(s) && !Favours(s));
    }

    private static void AddAuc(Figures figures, ScoreCounts counts, string? group, int minimum, double level)
    {
        var auc = Ranking.Auc(counts);
        if (counts.HasBothClasses && counts.Total >= minimum)
        {
            figures.Add("logged_auc", auc.Value, group, auc.Interval(level), counts.Total);
        }
        else
        {
            figures.Insufficient("logged_auc", $"Fewer than {minimum} rows have an outcome, or only one outcome occurs.", group, counts.Total);
        }
    }

    private static void Add(Figures figures, OfPeriod? period, string? group, double level, double? pValue, double? adjusted, string test)
    {
        if (period is null)
        {
            figures.Insufficient("observed_over_expected", "Too few rows have an outcome, or the scores expect no event.", group);
            return;
        }

        var error = Math.Sqrt(period.Variance) / period.Expected;
        figures.Add("observed_over_expected", period.Observed / period.Expected, group, Interval.Around(period.Observed / period.Expected, error, level, "normal, independent events", 0), period.Rows, pValue, adjusted, test);
    }

    /// <summary>Events observed, expected, and the variance of their number if the scores are the probabilities.</summary>
    private sealed record OfPeriod(long Rows, double Observed, double Expected, double Variance)
    {
        public double PValue => Tail.TwoSidedNormal((Observed - Expected) / Math.Sqrt(Variance));

        public static OfPeriod? Of(ScoreCounts counts, int minimum)
        {
            double expected = 0, variance = 0;
            for (var i = 0; i < counts.Scores.Length; i++)
            {
                expected += counts.Count(i) * counts.Scores[i];
                variance += counts.Count(i) * counts.Scores[i] * (1 - counts.Scores[i]);
            }

            return counts.Total >= minimum && variance > 0 && expected > 0 ? new OfPeriod(counts.Total, counts.TotalPositives, expected, variance) : null;
        }
    }
}

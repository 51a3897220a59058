using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Validation;

/// <summary>Does any grade of the rating scale default more often than its probability of default says?</summary>
public sealed class GradeBacktestCheck : TallyCheck
{
    private static readonly CheckParameter OddsStep = new("odds_step", "Ratio of the odds at the upper and lower end of a grade.", 2, 1.1, 100);
    private static readonly CheckParameter MinRows = CheckParameter.Whole("min_rows", "Fewest rows of a grade that is tested.", 30, 1, 1_000_000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "validation.grade_backtest",
        Version = "1",
        Family = CheckFamily.Validation,
        Title = "Back-test by grade",
        Purpose = "Is the probability of the event underestimated in any part of the scale, where an average over all rows would hide it?",
        Method = "Rows are graded on a fixed scale: grade g holds scores whose odds lie in [s^g, s^(g+1)), s = odds_step, so grade 0 begins at even odds and grades do not depend on the data. The probability of a grade is the "
            + "mean score of its rows. Jeffreys' test: p = P(true rate <= assumed) under a Beta(D + 1/2, N - D + 1/2) posterior, one-sided, adjusted by Holm over grades; once more for the whole portfolio. "
            + "Intervals are the equal-tailed ones of the same posterior. Light: amber below 5 percent, red below 0.1 percent, before adjustment.",
        SignsOfHighRisk = "A small adjusted p-value in a grade with much exposure; several neighbouring amber grades; a portfolio p-value below 0.05.",
        Strengths = "Exact for small grades and few defaults, where normal approximations fail; one-sided, as prudence asks.",
        Limits = "Rows are taken as independent: in a downturn defaults come together and the test rejects too often. It does not look for overestimation. Grades with few rows can hardly be rejected.",
        Sources = ["European Central Bank (2019), Instructions for reporting the validation results of internal models", "Tasche (2013), The art of PD curve calibration", "Holm (1979), Scandinavian Journal of Statistics 6"],
        Parameters = [OddsStep, MinRows, CheckParameters.Confidence],
        Measures =
        [
            new("event_rate", "observed event rate of a grade", 0, 1),
            new("portfolio_event_rate", "observed event rate of all rows", 0, 1),
            new("grades_tested", "grades with enough rows", 0),
            new("grades_underestimated", "grades with significantly more events than assumed, after adjustment", 0),
        ],
        Tables = [new("grades", ["grade", "count", "events", "assumed", "observed", "lower", "upper", "p_value", "adjusted_p_value", "light"])],
        Thresholds =
        [
            new("grades_underestimated", LimitKind.AtMost, [0], "Jeffreys test, one-sided at 5%, Holm over grades (ECB reporting instructions for internal models, February 2019)."),
        ],
    };

    public override bool IsRowLocal => true;

    protected override string? Lacks(CheckInput input) => Outcomes.Lacks(input.Evaluation);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken) =>
        Outcomes.CountEvaluation(context.Input, rows, tally.Map(0, Outcomes.Width));

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var leftOut = new List<string>();
        var counts = ScoreCounts.Of(tally.Map(0, Outcomes.Width), "evaluation", leftOut);
        var step = context.Parameters[OddsStep.Name];
        var minimum = context.Parameters.Whole(MinRows.Name);
        var grades = Enumerable.Range(0, counts.Scores.Length)
            .Where(i => counts.Scores[i] is >= 0 and <= 1)
            .GroupBy(i => GradeOf(counts.Scores[i], step))
            .Select(g => Grade.Of(g.Key, counts, g)).ToArray();
        var portfolio = Grade.Of(0, counts, Enumerable.Range(0, counts.Scores.Length));
        var tested = grades.Where(g => g.Rows >= minimum).ToArray();
        var adjusted = Multiplicity.Holm([.. tested.Select(g => g.PValue)]);

        var figures = new Figures();
        foreach (var grade in grades)
        {
            var at = Array.IndexOf(tested, grade);
            var group = string.Create(CultureInfo.InvariantCulture, $"grade={grade.Number}");
            if (at < 0)
            {
                figures.Insufficient("event_rate", $"The grade has {grade.Rows} rows; {minimum} are needed.", group, grade.Rows);
                continue;
            }

            figures.Add("event_rate", grade.Rate, group, Jeffreys.Interval(grade.Events, grade.Rows, context.Confidence), grade.Rows,
                grade.PValue, adjusted[at], $"Jeffreys, one-sided, Holm over {tested.Length} grades");
        }

        if (portfolio.Rows == 0)
        {
            figures.Undefined("portfolio_event_rate", "No row has both a score and a label.", count: 0);
        }
        else
        {
            figures.Add("portfolio_event_rate", portfolio.Rate, interval: Jeffreys.Interval(portfolio.Events, portfolio.Rows, context.Confidence), count: portfolio.Rows,
                pValue: portfolio.PValue, test: "Jeffreys, one-sided");
        }

        var rejected = adjusted.Count(p => p < 0.05);
        figures.Add("grades_tested", tested.Length, count: counts.Total);
        figures.Add("grades_underestimated", rejected, count: counts.Total, note: "Grades with an adjusted p-value below 0.05.");
        return new Finding(
            $"{rejected} of {tested.Length} grades have significantly more events than assumed; in the portfolio {Figures.Text(portfolio.Rate)} were observed against {Figures.Text(portfolio.Assumed)} assumed (p = {Figures.Text(portfolio.PValue)}).",
            figures.All)
        {
            Tables = [GradeTable(grades, tested, adjusted, context.Confidence)],
            Limitations = leftOut,
        };
    }

    private static int GradeOf(double score, double step)
    {
        var p = Math.Clamp(score, 1e-6, 1 - 1e-6);
        return (int)Math.Floor(Math.Log(p / (1 - p)) / Math.Log(step));
    }

    private sealed record Grade(int Number, long Events, long Rows, double Assumed)
    {
        public double Rate => (double)Events / Rows;

        public double PValue => Rows == 0 ? double.NaN : Jeffreys.PValue(Events, Rows, Assumed);

        public string Light => PValue < 0.001 ? "red" : PValue < 0.05 ? "amber" : "green";

        public static Grade Of(int number, ScoreCounts counts, IEnumerable<int> indices)
        {
            long rows = 0, events = 0;
            var sum = 0.0;
            foreach (var i in indices)
            {
                rows += counts.Count(i);
                events += counts.Positives[i];
                sum += counts.Count(i) * counts.Scores[i];
            }

            return new Grade(number, events, rows, sum / rows);
        }
    }

    private static Table GradeTable(Grade[] grades, Grade[] tested, double[] adjusted, double level) => new("grades", "Assumed and observed rates by grade",
        [
            new("grade", "Grade", "text"), new("count", "Rows", "integer"), new("events", "Events", "integer"), new("assumed", "Assumed rate", "percent"), new("observed", "Observed rate", "percent"),
            new("lower", "Lower bound", "percent"), new("upper", "Upper bound", "percent"), new("p_value", "p", "pvalue"), new("adjusted_p_value", "p, adjusted", "pvalue"), new("light", "Light", "text"),
        ],
        [.. grades.Select(g =>
        {
            var interval = Jeffreys.Interval(g.Events, g.Rows, level);
            var at = Array.IndexOf(tested, g);
            return (IReadOnlyList<Cell>)
            [
                g.Number.ToString(CultureInfo.InvariantCulture), (double)g.Rows, (double)g.Events, g.Assumed, g.Rate, interval.Lower, interval.Upper,
                at < 0 ? (double?)null : g.PValue, at < 0 ? (double?)null : adjusted[at], at < 0 ? "too few rows" : g.Light,
            ];
        })]);
}

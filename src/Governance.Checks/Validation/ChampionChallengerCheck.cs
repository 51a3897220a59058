using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Validation;

/// <summary>Is the new model at least as good as the one it replaces, and whose decisions change?</summary>
public sealed class ChampionChallengerCheck : TallyCheck
{
    private const int Rows = 0;
    private const int Decisions = 1;

    private static readonly CheckParameter Margin = new("margin", "Loss of AUC that would still be accepted, for the test of non-inferiority.", 0.01, 0, 0.5);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "validation.champion_challenger",
        Version = "1",
        Family = CheckFamily.Validation,
        Title = "Champion and challenger",
        Purpose = "Does the challenger rank and decide at least as well as the champion on the same people, and are those it would newly accept better risks than those it would newly decline?",
        Method = "Both models score the same rows. Difference of AUC (challenger minus champion) with DeLong's paired variance, two-sided, and one-sided against a loss of the margin or more; difference of the Brier scores with the standard error of paired rows; McNemar's exact test of right decisions at the threshold. "
            + "Swap sets: rows that only the challenger (swap-in) or only the champion (swap-out) decides favourably, their rates of the bad outcome, and the difference with Newcombe's interval and Fisher's or Yates' test.",
        SignsOfHighRisk = "An interval of the difference of AUC that reaches below minus the margin; a swap-in set with a higher bad rate than the swap-out set; many swapped decisions for little gain.",
        Strengths = "Paired: what both models share cancels, so small differences show. Swap sets are the business question itself.",
        Limits = "Both models decide at the challenger's threshold. Outcomes of people the champion declined are often unknown or inferred; then the swap-in rate is not to be trusted. The threshold of neither model is optimised here.",
        Sources = ["DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44", "McNemar (1947), Psychometrika 12", "Newcombe (1998), Statistics in Medicine 17", "Siddiqi (2006), Credit Risk Scorecards, swap-set analysis"],
        Parameters = [Margin, CheckParameters.Confidence],
        Measures =
        [
            new("auc", "AUC of each model on the same rows", 0, 1),
            new("auc_difference", "AUC of the challenger less that of the champion", -1, 1),
            new("non_inferiority", "difference of AUC plus the margin"),
            new("brier_difference", "Brier score of the challenger less that of the champion", -1, 1),
            new("accuracy_difference", "accuracy of the challenger less that of the champion", -1, 1),
            new("swapped_decisions", "share of rows the models decide differently", 0, 1),
            new("swap_in_bad_rate", "event rate among those only the challenger favours", 0, 1),
            new("swap_out_bad_rate", "event rate among those only the champion favours", 0, 1),
            new("swap_bad_rate_difference", "the first less the second", -1, 1),
        ],
    };

    protected override string? Lacks(CheckInput input) =>
        input.Champion is not { } champion ? "No champion is given to compare the model with." : Outcomes.Lacks(input.Evaluation) ?? MissingFeature(input, champion, "The champion");

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var challenger = input.EvaluationScoresOf(rows).Span;
        var champion = input.EvaluationScoresOf(rows, input.Champion!).Span;
        var outcome = Outcomes.Of(input.Evaluation);
        for (var i = 0; i < rows.Count; i++)
        {
            var label = outcome(rows.Start + i);
            if (double.IsNaN(challenger[i]) || double.IsNaN(champion[i]))
            {
                continue;
            }

            bool Favours(double score) => (score >= input.Threshold ? 1 : 0) == input.FavourablePrediction;
            tally.Map(Decisions, Outcomes.Width).Add((Favours(challenger[i]) ? 2 : 0) + (Favours(champion[i]) ? 1 : 0), label);
            if (label != Outcomes.Unlabelled)
            {
                RowValues.Add(tally.Map(Rows, RowValues.Width(3)), rows.Start + i, challenger[i], champion[i], label);
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var rows = RowValues.Read(tally.Map(Rows, RowValues.Width(3)));
        var figures = new Figures();
        var auc = AddAuc(figures, context, rows);
        AddBrier(figures, context, rows);
        AddDecisions(figures, context, tally.Map(Decisions, Outcomes.Width));
        return new Finding(
            string.Create(CultureInfo.InvariantCulture, $"The challenger's AUC differs from the champion's by {Figures.Text(auc)} on {rows.Count} rows; {Figures.Text(figures.All.First(m => m.Name == "swapped_decisions").Value)} of the decisions are swapped."),
            figures.All)
        {
            Limitations = context.Input.Evaluation.RowCount - rows.Count is > 0 and var left ? [$"{left} rows lack a score of one of the models or an outcome of 0 or 1 and are left out of all but the swap counts."] : [],
        };
    }

    private static Measure AddAuc(Figures figures, CheckContext context, IReadOnlyList<(int Row, double[] Numbers)> rows)
    {
        var paired = PairedAuc.Of([.. rows.Select(r => r.Numbers[0])], [.. rows.Select(r => r.Numbers[1])], [.. rows.Select(r => r.Numbers[2] == 1)]);
        var note = double.IsNaN(paired.First) ? "Only one outcome occurs, or none." : null;
        figures.Add("auc", paired.First, "model=challenger", count: rows.Count, note: note);
        figures.Add("auc", paired.Second, "model=champion", count: rows.Count, note: note);
        var margin = context.Parameters[Margin.Name];
        var difference = figures.Add("auc_difference", paired.Difference, interval: paired.Interval(context.Confidence), count: rows.Count, pValue: paired.PValue, test: "paired DeLong, two-sided", note: note);
        var inferiority = paired.NonInferiority(margin);
        figures.Add("non_inferiority", paired.Difference + margin, count: rows.Count, pValue: inferiority, test: "paired DeLong, one-sided, loss of the margin or more",
            note: note ?? "Difference of AUC plus the margin; a small p says that the challenger is not worse by the margin.");
        return difference;
    }

    private static void AddBrier(Figures figures, CheckContext context, IReadOnlyList<(int Row, double[] Numbers)> rows)
    {
        var differences = rows.Select(r => Probability.SquaredError(r.Numbers[0], (int)r.Numbers[2]) - Probability.SquaredError(r.Numbers[1], (int)r.Numbers[2])).ToArray();
        if (differences.Length < 2)
        {
            figures.Insufficient("brier_difference", "Fewer than two rows have both scores and an outcome.", count: differences.Length);
            return;
        }

        var (mean, error) = (differences.Average(), Interval.StandardDeviation(differences) / Math.Sqrt(differences.Length));
        figures.Add("brier_difference", mean, interval: error > 0 ? Interval.Around(mean, error, context.Confidence, "normal, paired rows") : null, count: differences.Length,
            pValue: error > 0 ? Tail.TwoSidedNormal(mean / error) : mean == 0 ? 1 : null, test: "z, paired rows", note: "Challenger minus champion: below 0 is better.");
    }

    private static void AddDecisions(Figures figures, CheckContext context, CountMap map)
    {
        var favourable = context.Input.FavourablePrediction;
        long Cell(int decisions, bool good) => map.CountOf(decisions, good ? favourable : 1 - favourable);
        const int Neither = 0, ChampionOnly = 1, ChallengerOnly = 2, Both = 3;
        var right = new PairedCounts(
            Cell(Both, true) + Cell(Neither, false), Cell(ChallengerOnly, true) + Cell(ChampionOnly, false), Cell(ChampionOnly, true) + Cell(ChallengerOnly, false), Cell(Both, false) + Cell(Neither, true));
        if (right.Total == 0)
        {
            figures.Undefined("accuracy_difference", "No row has both scores and an outcome.", count: 0);
        }
        else
        {
            figures.Add("accuracy_difference", right.Difference, interval: right.Interval(context.Confidence), count: right.Total, pValue: right.McNemar, test: "McNemar, exact");
        }

        long Rows(int decisions) => Cell(decisions, true) + Cell(decisions, false) + map.CountOf(decisions, Outcomes.Unlabelled);
        var swapped = Rows(ChallengerOnly) + Rows(ChampionOnly);
        if (map.Total() == 0)
        {
            figures.Undefined("swapped_decisions", "No row has a score of both models.", count: 0);
        }
        else
        {
            figures.Add("swapped_decisions", (double)swapped / map.Total(), interval: Proportion.ClopperPearson(swapped, map.Total(), context.Confidence), count: map.Total());
        }

        var table = new FourfoldTable(Cell(ChallengerOnly, false), Cell(ChallengerOnly, true), Cell(ChampionOnly, false), Cell(ChampionOnly, true));
        AddRate(figures, "swap_in_bad_rate", table.A, table.A + table.B, context.Confidence, "challenger");
        AddRate(figures, "swap_out_bad_rate", table.C, table.C + table.D, context.Confidence, "champion");
        if (table.A + table.B == 0 || table.C + table.D == 0)
        {
            figures.Insufficient("swap_bad_rate_difference", "One of the swap sets has no row with an outcome.", count: table.Total);
            return;
        }

        var (p, test) = table.Test(5);
        figures.Add("swap_bad_rate_difference", ((double)table.A / (table.A + table.B)) - ((double)table.C / (table.C + table.D)),
            interval: Proportion.Newcombe(table.A, table.A + table.B, table.C, table.C + table.D, context.Confidence), count: table.Total, pValue: p, test: test, note: "Swap-in minus swap-out: below 0 is better.");
    }

    private static void AddRate(Figures figures, string name, long bad, long rows, double level, string who)
    {
        if (rows == 0)
        {
            figures.Insufficient(name, $"No row with an outcome is decided favourably by the {who} alone.", count: 0);
        }
        else
        {
            figures.Add(name, (double)bad / rows, interval: Proportion.ClopperPearson(bad, rows, level), count: rows);
        }
    }
}

using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Fairness;

/// <summary>Is a combination of attributes treated worse than each attribute alone would show?</summary>
public sealed class IntersectionalCheck : TallyCheck
{
    private const double Concentration = 1;

    private static readonly CheckParameter ExactBelow =
        CheckParameter.Whole("fisher_below", "Fisher's exact test is used when a cell of the two-by-two table has fewer rows than this.", 30, 0, 1000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "fairness.intersectional",
        Version = "1",
        Family = CheckFamily.Fairness,
        Title = "Intersections of attributes",
        Purpose = "Do people in two groups at once, such as older women, receive the favourable decision less often than a look at each attribute alone would tell?",
        Method = "For every pair of attributes the selection rate of every combination with at least min_group_size rows is compared with that of all other rows of the pair together: ratio with Katz's interval, chi-squared (Yates) or "
            + "Fisher's exact test, adjusted by Holm over all combinations of all pairs; the Benjamini-Hochberg count of findings is given for screening. Smoothed differential fairness: the largest absolute log ratio of two combinations' "
            + "smoothed probabilities of the same decision, over all combinations, (count + 1/2) / (rows + 1).",
        SignsOfHighRisk = "A combination below the policy's ratio with a small adjusted p-value although both attributes pass alone; a differential fairness above ln(1 / 0.8) = 0.22 that is not due to tiny combinations.",
        Strengths = "Every combination is looked at and the number of looks is paid for; small ones are named, not hidden.",
        Limits = "Pairs only. Power is low in small combinations. The comparison is with everybody else, not with a reference group; differential fairness counts small combinations too, which smoothing pulls towards one half.",
        Sources =
        [
            "Foulds, Islam, Keya and Pan (2020), An intersectional definition of fairness, ICDE", "Kearns, Neel, Roth and Wu (2018), Preventing fairness gerrymandering, ICML",
            "Holm (1979), Scandinavian Journal of Statistics 6", "Benjamini and Hochberg (1995), JRSS B 57",
        ],
        Parameters = [CheckParameters.MinGroupSize, CheckParameters.Confidence, ExactBelow],
        Measures =
        [
            new("adverse_impact_ratio", "selection rate of a combination over that of its reference", 0),
            new("min_adverse_impact_ratio", "the lowest of them", 0),
            new("differential_fairness", "smoothed differential fairness, in natural logarithms", 0),
            new("screened_combinations", "combinations below a false discovery rate of 5 percent", 0),
        ],
        Tables = [new("intersections", ["attributes", "combination", "count", "selection_rate", "lower", "upper", "true_positive_rate", "false_positive_rate"])],
        Thresholds =
        [
            new("min_adverse_impact_ratio", LimitKind.AtLeast, [0.8], "29 CFR 1607.4(D), applied to combinations; no test of lawfulness in lending."),
        ],
    };

    public override bool IsRowLocal => true;

    protected override string? Lacks(CheckInput input) =>
        GroupTally.Lacks(input) ?? (GroupTally.Pairs(input).Count == 0 ? "There is only one protected attribute, so nothing to cross." : null);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken) =>
        GroupTally.CountPairs(context.Input, rows, tally);

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var minimum = context.Parameters.Whole(CheckParameters.MinGroupSize.Name);
        var pairs = GroupTally.Pairs(context.Input).Select((p, slot) => Crossing.Of(p.First, p.Second, tally, slot)).ToArray();
        var compared = pairs.SelectMany(p => p.Cells.Where(c => c.Rows >= minimum && p.Rows - c.Rows >= minimum && p.Favourable > c.Favourable).Select(c => (Pair: p, Cell: c))).ToArray();
        var tests = compared.Select(c => c.Pair.Against(c.Cell).Test(context.Parameters[ExactBelow.Name])).ToArray();
        var adjusted = Multiplicity.Holm([.. tests.Select(t => t.PValue)]);
        var screened = Multiplicity.BenjaminiHochberg([.. tests.Select(t => t.PValue)]);

        var figures = new Figures();
        foreach (var pair in pairs)
        {
            foreach (var cell in pair.Cells)
            {
                var at = Array.FindIndex(compared, c => c.Cell == cell && c.Pair == pair);
                if (at < 0)
                {
                    figures.Insufficient("adverse_impact_ratio", cell.Rows < minimum
                        ? $"The combination has {cell.Rows} rows; {minimum} are needed."
                        : "The other rows are too few, or none of them received the favourable decision.", pair.Name(cell), cell.Rows);
                    continue;
                }

                var t = pair.Against(cell);
                figures.Add("adverse_impact_ratio", cell.SelectionRate / ((double)t.C / (t.C + t.D)), pair.Name(cell),
                    Proportion.Katz(t.A, t.A + t.B, t.C, t.C + t.D, context.Confidence), cell.Rows, tests[at].PValue, adjusted[at],
                    $"{tests[at].Test}, Holm over {compared.Length} combinations");
            }

            figures.Add("differential_fairness", pair.DifferentialFairness(), pair.Whole, count: pair.Rows,
                note: pair.Cells.Count < 2 ? "Fewer than two combinations occur." : null);
        }

        AddOverall(figures, screened);
        var lowest = figures.All.Where(m => m.Name == "adverse_impact_ratio" && m.Value is not null).MinBy(m => m.Value);
        return new Finding(
            lowest is null
                ? "No combination has enough rows to be compared."
                : $"The lowest ratio is {Figures.Text(lowest)} for {lowest.Group}, p = {Figures.Text(lowest.AdjustedPValue)} after adjustment over {compared.Length} combinations.",
            figures.All)
        {
            Tables = [CellTable(pairs, context.Confidence)],
        };
    }

    private static void AddOverall(Figures figures, double[] screened)
    {
        LowestRatio.Add(figures, "No combination has enough rows to be compared.");
        figures.Add("screened_combinations", screened.Count(p => p < 0.05), count: screened.Length, note: "Combinations below a false discovery rate of 5 percent, in either direction: for screening, not for gates.");
    }

    private sealed record Crossing(string First, string Second, IReadOnlyList<GroupCounts> Cells)
    {
        public long Rows => Cells.Sum(c => c.Rows);

        public long Favourable => Cells.Sum(c => c.Favourable);

        public string Whole => $"attribute={First}&{Second}";

        public static Crossing Of(Data.CategoryColumn first, Data.CategoryColumn second, Tally tally, int slot) =>
            new(first.Name, second.Name, GroupTally.Groups(tally, slot, [.. first.Levels.SelectMany(a => second.Levels.Select(b => $"{a}&{b}"))]));

        public string Name(GroupCounts cell) => $"{First}&{Second}={cell.Level}";

        /// <summary>The cell against all other rows of the pair.</summary>
        public FourfoldTable Against(GroupCounts cell) =>
            new(cell.Favourable, cell.Rows - cell.Favourable, Favourable - cell.Favourable, Rows - cell.Rows - (Favourable - cell.Favourable));

        public double DifferentialFairness()
        {
            if (Cells.Count < 2)
            {
                return double.NaN;
            }

            var yes = Cells.Select(c => Math.Log((c.Favourable + (Concentration / 2)) / (c.Rows + Concentration))).ToArray();
            var no = Cells.Select(c => Math.Log((c.Rows - c.Favourable + (Concentration / 2)) / (c.Rows + Concentration))).ToArray();
            return Math.Max(yes.Max() - yes.Min(), no.Max() - no.Min());
        }
    }

    private static Table CellTable(IEnumerable<Crossing> pairs, double level) => new("intersections", "Rates by combination (positive = favourable)",
        [
            new("attributes", "Attributes", "text"), new("combination", "Combination", "text"), new("count", "Rows", "integer"), new("selection_rate", "Selection rate", "percent"),
            new("lower", "Lower bound", "percent"), new("upper", "Upper bound", "percent"), new("true_positive_rate", "True positive rate", "percent"), new("false_positive_rate", "False positive rate", "percent"),
        ],
        [.. pairs.SelectMany(p => p.Cells.Select(c =>
        {
            var interval = Proportion.Wilson(c.Favourable, c.Rows, level);
            return (IReadOnlyList<Cell>)[$"{p.First}&{p.Second}", c.Level, (double)c.Rows, c.SelectionRate, interval.Lower, interval.Upper, c.Confusion.Recall, 1 - c.Confusion.Specificity];
        }))]);
}

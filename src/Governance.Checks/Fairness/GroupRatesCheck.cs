using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Fairness;

/// <summary>Are the errors, not only the decisions, spread evenly over groups?</summary>
public sealed class GroupRatesCheck : TallyCheck
{
    private static readonly CheckParameter ExactBelow =
        CheckParameter.Whole("fisher_below", "Fisher's exact test is used when a cell of the two-by-two table has fewer rows than this.", 30, 0, 1000);

    private static readonly CheckParameter Replicates =
        CheckParameter.Whole("bootstrap_replicates", "Replicates of the bootstrap intervals of spreads over groups.", 1000, 20, 100_000);

    private static readonly Rate[] Rates =
    [
        new("selection_rate", "Selection rate", true, g => (g.Favourable, g.Rows)),
        new("true_positive_rate", "True positive rate", true, g => (g.Confusion.TruePositives, g.Confusion.Positives)),
        new("false_positive_rate", "False positive rate", true, g => (g.Confusion.FalsePositives, g.Confusion.Negatives)),
        new("false_negative_rate", "False negative rate", false, g => (g.Confusion.FalseNegatives, g.Confusion.Positives)),
        new("accuracy", "Accuracy", true, g => (g.Confusion.TruePositives + g.Confusion.TrueNegatives, g.Confusion.Total)),
        new("precision", "Precision", true, g => (g.Confusion.TruePositives, g.Confusion.PredictedPositives)),
        new("base_rate", "Base rate", false, g => (g.Confusion.Positives, g.Confusion.Total)),
    ];

    private static readonly Column[] RateColumns =
    [
        new("attribute", "Attribute", "text"), new("group", "Group", "text"), new("count", "Rows", "integer"),
        .. Rates.SelectMany(r => new Column[] { new(r.Name, r.Title, "percent"), new($"{r.Name}_lower", "Lower bound", "percent"), new($"{r.Name}_upper", "Upper bound", "percent") }),
        new("tp", "True positives", "integer"), new("fp", "False positives", "integer"), new("tn", "True negatives", "integer"), new("fn", "False negatives", "integer"),
    ];

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "fairness.group_rates",
        Version = "2",
        Family = CheckFamily.Fairness,
        Title = "Selection and error rates by group",
        Purpose = "Among those who would have repaid, is every group granted credit alike; among those who would not, is every group let through alike?",
        Method = "In the favourable framing: positive means the favourable decision and the outcome that justifies it, so a false negative is a person wrongly refused. Rates per group with Wilson intervals; gaps to the "
            + "reference group (group - reference) with Newcombe's interval and chi-squared (Yates) or Fisher's exact test, Holm over all gaps; per attribute the demographic parity difference (largest - smallest selection rate) "
            + "and ratio, in the event framing too, and the equalized odds difference (larger of the spreads of true and false positive rate), with percentile intervals of the Poisson bootstrap; max_tpr_gap and max_fpr_gap are the largest absolute gaps to the reference. "
            + "A rate whose denominator is below min_group_size is 'insufficient' and enters no gap or spread.",
        SignsOfHighRisk = "A true positive rate gap whose interval lies away from zero: deserving members of the group are refused more often. Precision that is higher in a group than in the reference group suggests a "
            + "stricter standard for it.",
        Strengths = "Looks at errors against outcomes, which selection rates alone cannot show; each rate is judged by its own denominator.",
        Limits = "Outcomes of refused applicants are usually unobserved, which biases every error rate. Rates of groups with different base rates cannot all be equal at once (Kleinberg et al. 2017, Chouldechova 2017). "
            + "A spread over many groups grows with their number even without bias, and so do the bounds of its bootstrap interval.",
        Sources =
        [
            "Hardt, Price and Srebro (2016), Equality of opportunity in supervised learning", "Kleinberg, Mullainathan and Raghavan (2017), Inherent trade-offs", "Chouldechova (2017), Big Data 5",
            "Newcombe (1998), Statistics in Medicine 17", "Wilson (1927), JASA 22", "Holm (1979), Scandinavian Journal of Statistics 6",
        ],
        Parameters = [CheckParameters.MinGroupSize, CheckParameters.Confidence, ExactBelow, Replicates],
        Measures =
        [
            new("selection_rate", "share favoured of a group, in the favourable framing", 0, 1),
            new("true_positive_rate", "share favoured among those whose outcome justifies it", 0, 1),
            new("false_positive_rate", "share favoured among those whose outcome does not", 0, 1),
            new("false_negative_rate", "share refused among those whose outcome justifies favour", 0, 1),
            new("accuracy", "share of right decisions of a group", 0, 1),
            new("precision", "share of good outcomes among those favoured", 0, 1),
            new("base_rate", "share of good outcomes of a group", 0, 1),
            new("selection_rate_gap", "rate of a group less that of its reference group", -1, 1),
            new("true_positive_rate_gap", "rate of a group less that of its reference group", -1, 1),
            new("false_positive_rate_gap", "rate of a group less that of its reference group", -1, 1),
            new("accuracy_gap", "rate of a group less that of its reference group", -1, 1),
            new("precision_gap", "rate of a group less that of its reference group", -1, 1),
            new("demographic_parity_difference", "largest less smallest selection rate", 0, 1),
            new("demographic_parity_ratio", "smallest over largest selection rate", 0, 1),
            new("event_demographic_parity_ratio", "the same where positive means the event the score predicts", 0, 1),
            new("equalized_odds_difference", "larger of the spreads of true and false positive rates", 0, 1),
            new("max_tpr_gap", "spread of true positive rates over groups", 0, 1),
            new("max_fpr_gap", "spread of false positive rates over groups", 0, 1),
        ],
        Tables = [new("group_rates", [.. RateColumns.Select(c => c.Name)]), new("group_rates_event", [.. RateColumns.Select(c => c.Name)])],
        Thresholds =
        [
            new("max_tpr_gap", LimitKind.AtMost, [0.05, 0.08, 0.1], "House.", "consumer-credit-us/error_gap_max"),
            new("max_fpr_gap", LimitKind.AtMost, [0.05, 0.08, 0.1], "House.", "consumer-credit-us/error_gap_max"),
        ],
    };

    public override bool IsRowLocal => true;

    protected override bool IsSeeded => true;

    protected override string? Lacks(CheckInput input) => GroupTally.Lacks(input);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken) =>
        GroupTally.Count(context.Input, rows, tally);

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var leftOut = new List<string>();
        var attributes = GroupTally.Conclude(context.Input, tally, leftOut);
        var minimum = context.Parameters.Whole(CheckParameters.MinGroupSize.Name);
        var figures = new Figures();
        foreach (var attribute in attributes)
        {
            AddRates(figures, attribute, minimum, context.Confidence);
        }

        AddGaps(figures, attributes, minimum, context);
        foreach (var attribute in attributes)
        {
            AddSpreads(figures, attribute, minimum, context, cancellationToken);
        }

        AddOverall(figures);
        var worst = figures.All.First(m => m.Name == "max_tpr_gap" && m.Group is null);
        var odds = figures.All.First(m => m.Name == "equalized_odds_difference" && m.Group is null);
        return new Finding(
            $"The largest gap of true positive rates to a reference group is {Figures.Text(worst)}; the largest equalized odds difference over attributes is {Figures.Text(odds)}.",
            figures.All)
        {
            Tables =
            [
                RateTable("group_rates", "Rates by group (positive = favourable)", attributes, context.Confidence, g => g),
                RateTable("group_rates_event", "Rates by group (positive = the event the score predicts)", attributes, context.Confidence, context.Input.FavourablePrediction == 1 ? g => g : Reversed),
            ],
            Limitations = leftOut,
        };
    }

    private sealed record Rate(string Name, string Title, bool HasGap, Func<GroupCounts, (long Part, long Whole)> Of)
    {
        public double? Value(GroupCounts group, int minimum)
        {
            var (part, whole) = Of(group);
            return whole < minimum || whole == 0 ? null : (double)part / whole;
        }
    }

    private static GroupCounts Reversed(GroupCounts group) =>
        new(group.Level, group.Rows - group.Favourable, group.Rows, group.Confusion.Reversed);

    private static void AddRates(Figures figures, AttributeGroups attribute, int minimum, double level)
    {
        foreach (var group in attribute.Groups)
        {
            foreach (var rate in Rates)
            {
                var (part, whole) = rate.Of(group);
                if (Small(figures, rate.Name, attribute.Name(group), whole, minimum))
                {
                    continue;
                }

                figures.Add(rate.Name, (double)part / whole, attribute.Name(group), Proportion.Wilson(part, whole, level), whole);
            }
        }
    }

    private static bool Small(Figures figures, string name, string group, long whole, int minimum)
    {
        if (whole == 0)
        {
            figures.Undefined(name, "Its denominator has no rows.", group, 0);
        }
        else if (whole < minimum)
        {
            figures.Insufficient(name, $"It would rest on {whole} rows; {minimum} are needed for a figure to rely on.", group, whole);
        }

        return whole == 0 || whole < minimum;
    }

    private static void AddGaps(Figures figures, IReadOnlyList<AttributeGroups> attributes, int minimum, CheckContext context)
    {
        var pairs = attributes
            .Where(a => a.Reference is not null)
            .SelectMany(a => a.Groups.Where(g => g != a.Reference).SelectMany(g => Rates.Where(r => r.HasGap).Select(r => (Attribute: a, Group: g, Rate: r))))
            .ToArray();
        var valid = pairs.Where(p => p.Rate.Value(p.Group, minimum) is not null && p.Rate.Value(p.Attribute.Reference!, minimum) is not null).ToArray();
        var tests = valid.Select(p => Table(p.Rate.Of(p.Group), p.Rate.Of(p.Attribute.Reference!)).Test(context.Parameters[ExactBelow.Name])).ToArray();
        var adjusted = Multiplicity.Holm([.. tests.Select(t => t.PValue)]);
        for (var i = 0; i < valid.Length; i++)
        {
            var (attribute, group, rate) = valid[i];
            var (part, whole) = rate.Of(group);
            var (referencePart, referenceWhole) = rate.Of(attribute.Reference!);
            figures.Add($"{rate.Name}_gap", ((double)part / whole) - ((double)referencePart / referenceWhole), attribute.Name(group),
                Proportion.Newcombe(part, whole, referencePart, referenceWhole, context.Confidence), whole,
                tests[i].PValue, adjusted[i], $"{tests[i].Test}, Holm over {valid.Length} gaps");
        }

        foreach (var (attribute, group, rate) in pairs.Except(valid))
        {
            var whole = Math.Min(rate.Of(group).Whole, rate.Of(attribute.Reference!).Whole);
            Small(figures, $"{rate.Name}_gap", attribute.Name(group), whole, minimum);
        }
    }

    private static FourfoldTable Table((long Part, long Whole) group, (long Part, long Whole) reference) =>
        new(group.Part, group.Whole - group.Part, reference.Part, reference.Whole - reference.Part);

    private static void AddSpreads(Figures figures, AttributeGroups attribute, int minimum, CheckContext context, CancellationToken cancellationToken)
    {
        var bases = SpreadNames.Select(s => s.Rates.Select(r => attribute.Groups.Where(g => Rates.First(x => x.Name == r).Value(g, minimum) is not null).ToArray()).ToArray()).ToArray();
        var spreads = Spreads(attribute.Groups);
        var intervals = PoissonBootstrap.IntervalsOfCells(
            [.. attribute.Groups.SelectMany(Cells)], cells => Spreads([.. attribute.Groups.Select((g, i) => Resampled(g, cells.AsSpan(CellsPerGroup * i, CellsPerGroup)))]),
            context.Parameters.Whole(Replicates.Name), context.Input.Seed, context.Confidence, cancellationToken);
        for (var s = 0; s < SpreadNames.Length; s++)
        {
            Add(SpreadNames[s].Name, bases[s].All(b => b.Length >= 2) ? spreads[s] : null, intervals[s]);
        }

        Add("max_tpr_gap", LargestGap("true_positive_rate_gap"));
        Add("max_fpr_gap", LargestGap("false_positive_rate_gap"));

        // Which groups take part is decided once, by the data as they are: a replicate that loses one of them has no value.
        double[] Spreads(IReadOnlyList<GroupCounts> groups)
        {
            double[] Values(int spread, int rate)
            {
                var of = Rates.First(r => r.Name == SpreadNames[spread].Rates[rate]);
                return [.. groups.Where((_, i) => bases[spread][rate].Contains(attribute.Groups[i])).Select(g => of.Of(g)).Select(r => (double)r.Part / r.Whole)];
            }

            var selection = Values(0, 0);
            return
            [
                Spread(selection), Ratio(selection), Ratio(context.Input.FavourablePrediction == 1 ? selection : [.. selection.Select(v => 1 - v)]), Math.Max(Spread(Values(3, 0)), Spread(Values(3, 1))),
            ];
        }

        double? LargestGap(string name) =>
            figures.All.Where(m => m.Name == name && m.Value is not null && m.Group!.StartsWith(attribute.Attribute + "=", StringComparison.Ordinal)).Max(m => Math.Abs(m.Value!.Value) as double?);

        void Add(string name, double? value, Interval? interval = null)
        {
            if (value is null)
            {
                figures.Insufficient(name, "Fewer than two groups have a rate to rely on.", attribute.Whole);
            }
            else
            {
                figures.Add(name, value, attribute.Whole, interval, count: attribute.Groups.Sum(g => g.Rows), note: double.IsFinite(value.Value) ? null : "No group receives the favourable decision.");
            }
        }
    }

    private static readonly (string Name, string[] Rates)[] SpreadNames =
    [
        ("demographic_parity_difference", ["selection_rate"]), ("demographic_parity_ratio", ["selection_rate"]), ("event_demographic_parity_ratio", ["selection_rate"]),
        ("equalized_odds_difference", ["true_positive_rate", "false_positive_rate"]),
    ];

    private const int CellsPerGroup = 6;

    /// <summary>Decision times outcome (true and false positives and negatives), and the unlabelled by decision.</summary>
    private static long[] Cells(GroupCounts group)
    {
        var c = group.Confusion;
        return [c.TruePositives, c.FalsePositives, c.TrueNegatives, c.FalseNegatives, group.Favourable - c.PredictedPositives, group.Rows - group.Favourable - c.TrueNegatives - c.FalseNegatives];
    }

    private static GroupCounts Resampled(GroupCounts group, ReadOnlySpan<long> cells)
    {
        var confusion = new Confusion(cells[0], cells[1], cells[2], cells[3]);
        var favourable = confusion.PredictedPositives + cells[4];
        return new GroupCounts(group.Level, favourable, confusion.Total + cells[4] + cells[5], confusion);
    }

    private static double Spread(double[] values) => values.Length < 2 ? double.NaN : values.Max() - values.Min();

    private static double Ratio(double[] values) => values.Length < 2 ? double.NaN : values.Min() / values.Max();

    private static void AddOverall(Figures figures)
    {
        foreach (var name in new[] { "demographic_parity_difference", "equalized_odds_difference", "max_tpr_gap", "max_fpr_gap", "demographic_parity_ratio" })
        {
            var values = figures.All.Where(m => m.Name == name && m.Value is not null);
            var worst = name.EndsWith("ratio", StringComparison.Ordinal) ? values.MinBy(m => m.Value) : values.MaxBy(m => m.Value);
            if (worst is null)
            {
                figures.Insufficient(name, "No attribute has two groups with a rate to rely on.");
            }
            else
            {
                figures.Add(name, worst.Value, interval: worst is { Lower: { } lower, Upper: { } upper } ? new Interval(lower, upper, worst.Level!.Value, worst.Interval!) : null, count: worst.Count, note: $"Worst attribute: {worst.Group!["attribute=".Length..]}.");
            }
        }
    }

    private static Table RateTable(string name, string title, IReadOnlyList<AttributeGroups> attributes, double level, Func<GroupCounts, GroupCounts> framing) => new(name, title,
        RateColumns,
        [.. attributes.SelectMany(a => a.Groups.Select(framing).Select(g => (IReadOnlyList<Cell>)
            [
                a.Attribute, g.Level, (double)g.Rows,
                .. Rates.SelectMany(r => Cells(r.Of(g), level)),
                (double)g.Confusion.TruePositives, (double)g.Confusion.FalsePositives, (double)g.Confusion.TrueNegatives, (double)g.Confusion.FalseNegatives,
            ]))]);

    private static Cell[] Cells((long Part, long Whole) rate, double level)
    {
        if (rate.Whole == 0)
        {
            return [default, default, default];
        }

        var interval = Proportion.Wilson(rate.Part, rate.Whole, level);
        return [(double)rate.Part / rate.Whole, interval.Lower, interval.Upper];
    }
}

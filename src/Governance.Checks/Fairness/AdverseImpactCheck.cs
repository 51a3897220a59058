using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Fairness;

/// <summary>Are favourable decisions as frequent in each group as in the reference group?</summary>
public sealed class AdverseImpactCheck : TallyCheck
{
    private const string Uncompared = "No group has enough rows to be compared with its reference group.";

    private static readonly CheckParameter ExactBelow =
        CheckParameter.Whole("fisher_below", "Fisher's exact test is used when a cell of the two-by-two table has fewer rows than this.", 30, 0, 1000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "fairness.adverse_impact",
        Version = "1",
        Family = CheckFamily.Fairness,
        Title = "Adverse impact ratio",
        Purpose = "Does a group receive the favourable decision less often than the reference group, and could chance explain it?",
        Method = "Selection rate = share of rows with the favourable decision. Adverse impact ratio = selection rate of the group / selection rate of the reference group, with Katz's interval on the "
            + "log scale. Test: chi-squared with Yates' correction, or Fisher's exact test when a cell is small; p-values adjusted by Holm over all groups of all attributes. "
            + "A group (or reference) with fewer rows than min_group_size is 'insufficient' and enters neither the minimum nor the adjustment. "
            + "Where weights are declared, the same rates and ratios with every row counted by its weight, intervals by linearisation (of the ratio on the log scale), without test.",
        SignsOfHighRisk = "A ratio whose whole interval lies below the policy's limit with a small adjusted p-value; a ratio below the limit in several attributes; many insufficient groups, which hide what happens to them.",
        Strengths = "Counts only: exact and reproducible. Practical size and statistical evidence stand side by side.",
        Limits = "The four-fifths limit comes from United States employment rules (29 CFR 1607.4(D)) and is no test of lawfulness in lending. Outcomes are not looked at: a difference may follow a difference in risk, "
            + "and equality may hide unequal errors (see group rates). Only declared groups are compared.",
        Sources =
        [
            "29 CFR 1607.4(D), Uniform Guidelines on Employee Selection Procedures", "Katz, Baptista, Azen and Pike (1978), Biometrics 34", "Walter (1975), Biometrika 62", "Yates (1934), JRSS Supplement 1",
            "Fisher (1934), Statistical Methods for Research Workers", "Holm (1979), Scandinavian Journal of Statistics 6",
        ],
        Parameters = [CheckParameters.MinGroupSize, CheckParameters.Confidence, ExactBelow],
        Measures =
        [
            new("adverse_impact_ratio", "selection rate of a group over that of its reference group", 0),
            new("min_adverse_impact_ratio", "the lowest of them, over all attributes and for each", 0),
            new("weighted_selection_rate", "weighted share of a group with the favourable decision", 0, 1),
            new("weighted_adverse_impact_ratio", "weighted selection rate of a group over that of its reference group", 0),
            new("weighted_min_adverse_impact_ratio", "the lowest of them, over all attributes and for each", 0),
        ],
        Tables = [new("selection_rates", ["attribute", "group", "reference", "count", "favourable", "selection_rate", "lower", "upper"])],
        Thresholds =
        [
            new("min_adverse_impact_ratio", LimitKind.AtLeast, [0.8], "29 CFR 1607.4(D), the four-fifths rule of thumb: an employment screen, used as bank policy and no test of lawfulness in lending.", "consumer-credit-us/impact_ratio_min"),
        ],
    };

    public override bool IsRowLocal => true;

    protected override bool HasWeightedMeasures => true;

    protected override string? Lacks(CheckInput input) => GroupTally.Lacks(input);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        GroupTally.Count(context.Input, rows, tally);
        WeightedSelection.Count(context.Input, rows, tally);
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var leftOut = new List<string>();
        var attributes = GroupTally.Conclude(context.Input, tally, leftOut);
        var minimum = context.Parameters.Whole(CheckParameters.MinGroupSize.Name);
        var compared = attributes
            .Where(a => a.Reference is { } r && r.Rows >= minimum && r.Favourable > 0)
            .SelectMany(a => a.Groups.Where(g => g != a.Reference && g.Rows >= minimum).Select(g => (Attribute: a, Group: g)))
            .ToArray();
        var tests = compared.Select(c => Table(c.Group, c.Attribute.Reference!).Test(context.Parameters[ExactBelow.Name])).ToArray();
        var adjusted = Multiplicity.Holm([.. tests.Select(t => t.PValue)]);

        var figures = new Figures();
        foreach (var attribute in attributes)
        {
            foreach (var group in attribute.Groups.Where(g => g != attribute.Reference))
            {
                var at = Array.FindIndex(compared, c => c.Attribute == attribute && c.Group == group);
                if (at >= 0)
                {
                    var (a, r) = (group, attribute.Reference!);
                    figures.Add("adverse_impact_ratio", a.SelectionRate / r.SelectionRate, attribute.Name(group),
                        Proportion.Katz(a.Favourable, a.Rows, r.Favourable, r.Rows, context.Confidence), group.Rows,
                        tests[at].PValue, adjusted[at], $"{tests[at].Test}, Holm over {compared.Length} comparisons");
                }
                else
                {
                    AddUncompared(figures, attribute, group, minimum);
                }
            }

            LowestRatio.Add(figures, Uncompared, attribute.Whole, attribute.Attribute + "=");
        }

        var worst = LowestRatio.Add(figures, Uncompared);
        WeightedSelection.Add(figures, context, tally, attributes, minimum, Uncompared);
        return new Finding(
            worst is null
                ? "No group could be compared with its reference group."
                : $"The lowest adverse impact ratio is {Figures.Text(worst)} for {worst.Group}, p = {Figures.Text(worst.AdjustedPValue)} after adjustment over {compared.Length} comparisons.",
            figures.All)
        {
            Tables = [SelectionTable(attributes, context.Confidence)],
            Limitations = leftOut,
        };
    }

    /// <summary>Rows group and reference, columns favourable and not.</summary>
    private static FourfoldTable Table(GroupCounts group, GroupCounts reference) =>
        new(group.Favourable, group.Rows - group.Favourable, reference.Favourable, reference.Rows - reference.Favourable);

    private static void AddUncompared(Figures figures, AttributeGroups attribute, GroupCounts group, int minimum)
    {
        const string Name = "adverse_impact_ratio";
        var label = attribute.Name(group);
        if (attribute.Reference is not { } reference)
        {
            figures.Undefined(Name, "The reference group has no rows.", label, group.Rows);
        }
        else if (group.Rows < minimum || reference.Rows < minimum)
        {
            var small = group.Rows < minimum ? group : reference;
            figures.Insufficient(Name, $"{small.Level} has {small.Rows} rows; {minimum} are needed for a figure to rely on.", label, group.Rows);
        }
        else
        {
            figures.Undefined(Name, "Nobody in the reference group received the favourable decision.", label, group.Rows);
        }
    }

    private static Table SelectionTable(IReadOnlyList<AttributeGroups> attributes, double level) => new("selection_rates", "Favourable decisions by group",
        [
            new("attribute", "Attribute", "text"), new("group", "Group", "text"), new("reference", "Reference", "text"), new("count", "Rows", "integer"), new("favourable", "Favourable", "integer"),
            new("selection_rate", "Selection rate", "percent"), new("lower", "Lower bound", "percent"), new("upper", "Upper bound", "percent"),
        ],
        [.. attributes.SelectMany(a => a.Groups.Select(g =>
        {
            var interval = Proportion.Wilson(g.Favourable, g.Rows, level);
            return (IReadOnlyList<Cell>)[a.Attribute, g.Level, g == a.Reference ? "yes" : "", (double)g.Rows, (double)g.Favourable, g.SelectionRate, interval.Lower, interval.Upper];
        }))]);
}

using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Fairness;

/// <summary>Does a difference in decisions remain among people who are alike in outcome, or in another attribute?</summary>
public sealed class ConditionalImpactCheck : TallyCheck
{
    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "fairness.conditional_impact",
        Version = "1",
        Family = CheckFamily.Fairness,
        Title = "Adverse impact within strata",
        Purpose = "Is a group treated differently among people with the same outcome, and within each level of another attribute, or does the difference come from how groups are made up?",
        Method = "For every group against its reference group: the Mantel-Haenszel ratio of favourable decisions over strata with the interval of Greenland and Robins and the Cochran-Mantel-Haenszel test; and Tarone's form of the "
            + "Breslow-Day test that one odds ratio holds in all strata. Strata are the two outcomes (given=outcome), and the levels of each other attribute (given=that attribute). p-values of the first test are adjusted by Holm, of the second by Benjamini-Hochberg.",
        SignsOfHighRisk = "A ratio below the policy's limit given the outcome: people who would have repaid are refused more often. A ratio far from the crude one in fairness.adverse_impact (confounding), or unequal odds ratios (the effect lies in one stratum).",
        Strengths = "Separates treatment from composition (Simpson's paradox) with an exact reduction to counts.",
        Limits = "Given the outcome it needs outcomes, which refused applicants lack. Strata can hide unfairness if the stratifying attribute is itself a result of it. One common ratio summarises badly where odds ratios differ.",
        Sources =
        [
            "Cochran (1954), Biometrics 10", "Mantel and Haenszel (1959), JNCI 22", "Greenland and Robins (1985), Biometrics 41", "Breslow and Day (1980), Statistical Methods in Cancer Research I", "Tarone (1985), Biometrika 72",
        ],
        Parameters = [CheckParameters.MinGroupSize, CheckParameters.Confidence],
        Measures =
        [
            new("conditional_impact_ratio", "Mantel-Haenszel ratio of selection rates within strata", 0),
            new("min_conditional_impact_ratio", "the lowest of them", 0),
            new("strata_heterogeneity", "Breslow-Day-Tarone statistic: whether the odds ratio differs between strata", 0),
        ],
        Thresholds =
        [
            new("min_conditional_impact_ratio", LimitKind.AtLeast, [0.8], "29 CFR 1607.4(D), applied within strata; no test of lawfulness in lending."),
        ],
    };

    public override bool IsRowLocal => true;

    protected override string? Lacks(CheckInput input) => GroupTally.Lacks(input);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        GroupTally.Count(context.Input, rows, tally);
        GroupTally.CountPairs(context.Input, rows, tally, GroupTally.Attributes(context.Input).Count);
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var leftOut = new List<string>();
        var attributes = GroupTally.Conclude(context.Input, tally, leftOut);
        var comparisons = attributes.Where(a => a.Reference is not null).SelectMany(a => Comparisons(context.Input, a, attributes, tally)).ToArray();
        var minimum = context.Parameters.Whole(CheckParameters.MinGroupSize.Name);
        var valid = comparisons.Where(c => c.Tables.Count > 0 && c.GroupRows >= minimum && c.ReferenceRows >= minimum && double.IsFinite(c.Tables.RiskRatio)).ToArray();
        var pValues = valid.Select(c => Tail.ChiSquared(c.Tables.MantelHaenszel, 1)).ToArray();
        var adjusted = Multiplicity.Holm(pValues);
        var several = valid.Where(c => c.Tables.Count > 1 && double.IsFinite(c.Tables.BreslowDay)).ToArray();
        var unequal = several.Select(c => Tail.ChiSquared(c.Tables.BreslowDay, c.Tables.Count - 1)).ToArray();
        var screened = Multiplicity.BenjaminiHochberg(unequal);

        var figures = new Figures();
        for (var i = 0; i < valid.Length; i++)
        {
            var c = valid[i];
            figures.Add("conditional_impact_ratio", c.Tables.RiskRatio, c.Name, c.Tables.RiskRatioInterval(context.Confidence), c.Tables.Rows,
                pValues[i], adjusted[i], $"Cochran-Mantel-Haenszel over {c.Tables.Count} strata, Holm over {valid.Length} comparisons");
        }

        foreach (var c in comparisons.Except(valid))
        {
            figures.Insufficient("conditional_impact_ratio", $"The group and its reference have {c.GroupRows} and {c.ReferenceRows} rows, and {c.Tables.Count} strata inform; {minimum} rows each and one stratum are needed.", c.Name, c.Tables.Rows);
        }

        for (var i = 0; i < several.Length; i++)
        {
            figures.Add("strata_heterogeneity", several[i].Tables.BreslowDay, several[i].Name, count: several[i].Tables.Rows, pValue: unequal[i], adjusted: screened[i],
                test: $"Breslow-Day-Tarone, {several[i].Tables.Count - 1} df, Benjamini-Hochberg over {several.Length}");
        }

        var lowest = figures.All.Where(m => m.Name == "conditional_impact_ratio" && m.Value is not null).MinBy(m => m.Value);
        if (lowest is null)
        {
            figures.Insufficient("min_conditional_impact_ratio", "No group could be compared within strata.");
        }
        else
        {
            figures.Add("min_conditional_impact_ratio", lowest.Value, count: lowest.Count, note: $"Lowest: {lowest.Group}.");
        }

        return new Finding(
            lowest is null ? "No group could be compared within strata." : $"The lowest ratio within strata is {Figures.Text(lowest)} for {lowest.Group}, p = {Figures.Text(lowest.AdjustedPValue)} after adjustment.",
            figures.All)
        {
            Limitations = leftOut,
        };
    }

    private sealed record Comparison(string Name, long GroupRows, long ReferenceRows, StratifiedTables Tables);

    private static IEnumerable<Comparison> Comparisons(CheckInput input, AttributeGroups attribute, IReadOnlyList<AttributeGroups> attributes, Tally tally)
    {
        var reference = attribute.Reference!;
        var crossings = GroupTally.Pairs(input).Select((p, i) => (p.First, p.Second, Slot: attributes.Count + i)).ToArray();
        foreach (var group in attribute.Groups.Where(g => g != reference))
        {
            yield return new Comparison($"{attribute.Name(group)},given=outcome", group.Confusion.Total, reference.Confusion.Total, new StratifiedTables(
            [
                new(group.Confusion.TruePositives, group.Confusion.FalseNegatives, reference.Confusion.TruePositives, reference.Confusion.FalseNegatives),
                new(group.Confusion.FalsePositives, group.Confusion.TrueNegatives, reference.Confusion.FalsePositives, reference.Confusion.TrueNegatives),
            ]));
            foreach (var (first, second, slot) in crossings.Where(c => c.First.Name == attribute.Attribute || c.Second.Name == attribute.Attribute))
            {
                var isFirst = first.Name == attribute.Attribute;
                var cells = GroupTally.Groups(tally, slot, [.. first.Levels.SelectMany(_ => second.Levels, (a, b) => isFirst ? $"{a}\n{b}" : $"{b}\n{a}")]).ToDictionary(c => c.Level);
                yield return new Comparison($"{attribute.Name(group)},given={(isFirst ? second : first).Name}", group.Rows, reference.Rows, new StratifiedTables(
                    (isFirst ? second : first).Levels.Select(level => Table(cells.GetValueOrDefault($"{group.Level}\n{level}"), cells.GetValueOrDefault($"{reference.Level}\n{level}")))));
            }
        }
    }

    private static FourfoldTable Table(GroupCounts? group, GroupCounts? reference) =>
        new(group?.Favourable ?? 0, (group?.Rows - group?.Favourable) ?? 0, reference?.Favourable ?? 0, (reference?.Rows - reference?.Favourable) ?? 0);
}

using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Fairness;

/// <summary>
/// Selection rates and adverse impact ratios in which every row counts by its declared weight. Decisions are counted by weight, group by group, and
/// summed in ascending order of weight.
/// </summary>
internal static class WeightedSelection
{
    private const string Ratio = "weighted_adverse_impact_ratio";
    private const int Unfavourable = 0;
    private const int Favourable = 1;
    private const int Width = 2;

    /// <summary>Counts the decisions of every group into the slots after those of <see cref="GroupTally"/>.</summary>
    public static void Count(CheckInput input, RowRange rows, TallyBuilder tally)
    {
        if (!WeightedRows.Declared(input))
        {
            return;
        }

        var scores = input.EvaluationScoresOf(rows).Span;
        var weights = WeightedRows.Weights(input);
        foreach (var (column, first) in Slots(input))
        {
            var codes = column.Codes.Span.Slice(rows.Start, rows.Count);
            for (var i = 0; i < rows.Count; i++)
            {
                if (codes[i] >= 0 && !double.IsNaN(scores[i]) && weights(rows.Start + i) is var weight && !double.IsNaN(weight))
                {
                    var favourable = (scores[i] >= input.Threshold ? 1 : 0) == input.FavourablePrediction;
                    tally.Map(first + codes[i], Width).Add(weight, favourable ? Favourable : Unfavourable);
                }
            }
        }
    }

    /// <summary>Adds the rate of every group, its ratio to the reference group's and the lowest ratios.</summary>
    public static void Add(Figures figures, CheckContext context, Tally tally, IReadOnlyList<AttributeGroups> attributes, int minimum, string uncompared)
    {
        if (!WeightedRows.Declared(context.Input))
        {
            return;
        }

        foreach (var ((column, first), attribute) in Slots(context.Input).Zip(attributes))
        {
            var rates = attribute.Groups.ToDictionary(g => g, g => Rate(tally.Map(first + column.Levels.Index().First(l => l.Item == g.Level).Index, Width)));
            foreach (var group in attribute.Groups)
            {
                AddGroup(figures, attribute, group, rates, minimum, context.Confidence);
            }

            LowestRatio.Add(figures, uncompared, attribute.Whole, attribute.Attribute + "=", "weighted_");
        }

        LowestRatio.Add(figures, uncompared, kind: "weighted_");
    }

    /// <summary>The weighted share of favourable decisions in a map of decisions by weight.</summary>
    internal static WeightedMean Rate(CountMap map)
    {
        double total = 0, favourable = 0, squares = 0;
        for (var i = 0; i < map.Length; i++)
        {
            total += map.Key(i) * (map.Count(i, Unfavourable) + map.Count(i, Favourable));
            favourable += map.Key(i) * map.Count(i, Favourable);
        }

        var (rate, rows) = (favourable / total, map.Total());
        for (var i = 0; i < map.Length; i++)
        {
            squares += map.Key(i) * map.Key(i) * ((map.Count(i, Favourable) * (1 - rate) * (1 - rate)) + (map.Count(i, Unfavourable) * rate * rate));
        }

        return new WeightedMean(rate, Math.Sqrt(squares * rows / (rows - 1.0)) / total, rows);
    }

    /// <summary>Ratio of two independent rates with its interval on the log scale; null where a rate is zero or unknown.</summary>
    internal static (double Value, Interval Interval)? RatioOf(WeightedMean group, WeightedMean reference, double level)
    {
        if (!(group.Value > 0 && reference.Value > 0 && double.IsFinite(group.StandardError + reference.StandardError)))
        {
            return null;
        }

        var (a, b) = (group.StandardError / group.Value, reference.StandardError / reference.Value);
        var half = Interval.CriticalValue(level) * Math.Sqrt((a * a) + (b * b));
        var ratio = group.Value / reference.Value;
        return (ratio, new Interval(ratio * Math.Exp(-half), ratio * Math.Exp(half), level, "log, linearised"));
    }

    private static void AddGroup(Figures figures, AttributeGroups attribute, GroupCounts group, Dictionary<GroupCounts, WeightedMean> rates, int minimum, double level)
    {
        var (name, rate) = (attribute.Name(group), rates[group]);
        if (rate.Rows < minimum)
        {
            figures.Insufficient("weighted_selection_rate", $"{group.Level} has {rate.Rows} weighted rows; {minimum} are needed.", name, rate.Rows);
        }
        else
        {
            figures.Add("weighted_selection_rate", rate.Value, name, rate.Interval(level, 0, 1), rate.Rows);
        }

        if (group == attribute.Reference)
        {
            return;
        }

        if (attribute.Reference is not { } reference || rate.Rows < minimum || rates[reference].Rows < minimum)
        {
            figures.Insufficient(Ratio, "The group or its reference group has too few weighted rows.", name, rate.Rows);
        }
        else if (RatioOf(rate, rates[reference], level) is { } ratio)
        {
            figures.Add(Ratio, ratio.Value, name, ratio.Interval, rate.Rows);
        }
        else
        {
            figures.Add(Ratio, rate.Value / rates[reference].Value, name, count: rate.Rows, note: rates[reference].Value > 0 ? "No interval: the rate of the group is zero, or rests on one row." : "Nobody in the reference group received the favourable decision.");
        }
    }

    private static IEnumerable<(CategoryColumn Column, int First)> Slots(CheckInput input)
    {
        var attributes = GroupTally.Attributes(input);
        var next = attributes.Count;
        foreach (var column in attributes)
        {
            yield return (column, next);
            next += column.Levels.Count;
        }
    }
}

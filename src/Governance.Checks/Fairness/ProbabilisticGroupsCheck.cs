using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Fairness;

/// <summary>Adverse impact where nobody was asked for the attribute and only probabilities of groups are known.</summary>
public sealed class ProbabilisticGroupsCheck : TallyCheck
{
    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "fairness.probabilistic_groups",
        Version = "1",
        Family = CheckFamily.Fairness,
        Title = "Adverse impact with inferred groups",
        Purpose = "A lender may not ask for race or ethnicity: with probabilities inferred from surname and place instead, does a group receive the favourable decision less often than its reference group?",
        Method = "Each person counts in each group with the probability of belonging to it: selection rate = sum of probabilities of those decided favourably / sum of all. Adverse impact ratio against the reference group, interval and two-sided test on the log scale from the variance of both weighted rates, "
            + "their covariance included; Holm over groups. With probabilities of 0 and 1 these are Katz's. Rows that lack a probability of the attribute are left out of it. Expected rows = sum of probabilities.",
        SignsOfHighRisk = "A ratio whose whole interval lies below the policy's limit with a small adjusted p-value; groups with few expected rows, about which nothing can be said.",
        Strengths = "Uses all people, not only those whose group is nearly certain, which would drop mixed neighbourhoods. Threshold-free.",
        Limits = "Biased where decisions depend on group beyond what the probability tells: usually the ratio is drawn towards 1. The probabilities are taken as calibrated and known; their own error is not in the interval. The four-fifths limit is an employment rule.",
        Sources =
        [
            "Consumer Financial Protection Bureau (2014), Using publicly available information to proxy for unidentified race and ethnicity", "Elliott et al. (2009), Health Services and Outcomes Research Methodology 9",
            "Chen, Kallus, Mao, Svacha and Udell (2019), Fairness under unawareness, FAT*", "Katz, Baptista, Azen and Pike (1978), Biometrics 34",
        ],
        Parameters = [CheckParameters.MinGroupSize, CheckParameters.Confidence],
        Measures =
        [
            new("expected_rows", "rows of a group, as the sum of probabilities", 0),
            new("adverse_impact_ratio", "selection rate of a group over that of its reference, weighted by probabilities", 0),
            new("min_adverse_impact_ratio", "the lowest of them", 0),
        ],
        Thresholds =
        [
            new("min_adverse_impact_ratio", LimitKind.AtLeast, [0.8], "29 CFR 1607.4(D), applied to estimated groups; no test of lawfulness in lending."),
        ],
    };

    public override bool IsRowLocal => true;

    protected override string? Lacks(CheckInput input) =>
        Attributes(input).Count == 0 ? "The evaluation data has no columns of group probabilities (role group probability, named attribute=level, two or more of an attribute)." : null;

    private static IReadOnlyList<Inferred> Attributes(CheckInput input) =>
    [
        .. input.Evaluation.WithRole(ColumnRole.GroupProbability).OfType<Float64Column>()
            .Select(c => (Parts: c.Name.Split('=', 2), Column: c)).Where(c => c.Parts.Length == 2)
            .GroupBy(c => c.Parts[0], StringComparer.Ordinal)
            .Select(g => new Inferred(g.Key, [.. g.Select(c => c.Parts[1])], [.. g.Select(c => c.Column)])).Where(a => a.Levels.Count > 1),
    ];

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var scores = input.EvaluationScoresOf(rows).Span;
        foreach (var (attribute, slot) in Attributes(input).Select((a, s) => (a, s)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var map = tally.Map(slot, RowValues.Width(attribute.Levels.Count + 1));
            for (var i = 0; i < rows.Count; i++)
            {
                double[] numbers = [.. attribute.Columns.Select(c => c.Values.Span[rows.Start + i]), (scores[i] >= input.Threshold ? 1 : 0) == input.FavourablePrediction ? 1 : 0];
                if (!double.IsNaN(scores[i]) && numbers.All(p => p is >= 0 and <= 1))
                {
                    RowValues.Add(map, rows.Start + i, numbers);
                }
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var minimum = context.Parameters[CheckParameters.MinGroupSize.Name];
        var figures = new Figures();
        var leftOut = new List<string>();
        var compared = new List<(string Group, WeightedRatio Ratio)>();
        foreach (var (attribute, slot) in Attributes(context.Input).Select((a, s) => (a, s)))
        {
            var rows = RowValues.Read(tally.Map(slot, RowValues.Width(attribute.Levels.Count + 1)));
            if (context.Input.Evaluation.RowCount - rows.Count is > 0 and var left)
            {
                leftOut.Add($"{left} rows have no score, or no probability of {attribute.Name} in [0, 1], and are left out of it.");
            }

            var weights = attribute.Levels.Select((_, l) => rows.Sum(r => r.Numbers[l])).ToArray();
            var declared = attribute.Levels.ToList().IndexOf(context.Input.ReferenceGroups.GetValueOrDefault(attribute.Name, ""));
            var reference = declared >= 0 ? declared : Array.IndexOf(weights, weights.Max());
            for (var l = 0; l < weights.Length; l++)
            {
                var group = $"{attribute.Name}={attribute.Levels[l]}";
                figures.Add("expected_rows", weights[l], group, count: rows.Count);
                if (l == reference)
                {
                    continue;
                }

                if (weights[l] < minimum || weights[reference] < minimum)
                {
                    figures.Insufficient("adverse_impact_ratio", string.Create(CultureInfo.InvariantCulture, $"The group has {weights[l]:F1} expected rows and its reference group {weights[reference]:F1}; {minimum} each are needed."), group, rows.Count);
                }
                else if (WeightedRatio.Of(rows, l, reference) is { } ratio)
                {
                    compared.Add((group, ratio));
                }
                else
                {
                    figures.Undefined("adverse_impact_ratio", "Nobody in the group, or nobody in the reference group, received the favourable decision.", group, rows.Count);
                }
            }
        }

        var adjusted = Multiplicity.Holm([.. compared.Select(c => c.Ratio.PValue)]);
        for (var i = 0; i < compared.Count; i++)
        {
            var (group, ratio) = compared[i];
            figures.Add("adverse_impact_ratio", ratio.Value, group, ratio.Interval(context.Confidence), ratio.Rows, ratio.PValue, adjusted[i], $"z of the log ratio, Holm over {compared.Count} groups");
        }

        var lowest = LowestRatio.Add(figures, "No inferred group has enough expected rows to be compared.");
        return new Finding(lowest is null ? "No inferred group could be compared with its reference group." : $"The lowest adverse impact ratio by inferred groups is {Figures.Text(lowest)} for {lowest.Group}.", figures.All) { Limitations = leftOut };
    }

    private sealed record Inferred(string Name, IReadOnlyList<string> Levels, IReadOnlyList<Float64Column> Columns);
}

/// <summary>Ratio of two rates in which every row counts by a probability. Immutable.</summary>
/// <param name="Variance">Of its logarithm.</param>
internal sealed record WeightedRatio(double Value, double Variance, long Rows)
{
    /// <summary>1 when the variance is zero and the rates are equal.</summary>
    public double PValue => Variance > 0 ? Tail.TwoSidedNormal(Math.Log(Value) / Math.Sqrt(Variance)) : Value == 1 ? 1 : 0;

    public Interval? Interval(double level)
    {
        var half = Statistics.Interval.CriticalValue(level) * Math.Sqrt(Variance);
        return Variance > 0 ? new Interval(Value * Math.Exp(-half), Value * Math.Exp(half), level, "log, weighted rates") : null;
    }

    /// <summary>Null where a rate is zero.</summary>
    /// <param name="rows">Probabilities of the groups, then 1 for a favourable decision and 0 for another.</param>
    public static WeightedRatio? Of(IReadOnlyList<(int Row, double[] Numbers)> rows, int group, int reference)
    {
        double weight = 0, selected = 0, otherWeight = 0, otherSelected = 0;
        foreach (var (_, n) in rows)
        {
            weight += n[group];
            selected += n[group] * n[^1];
            otherWeight += n[reference];
            otherSelected += n[reference] * n[^1];
        }

        if (!(selected > 0 && otherSelected > 0))
        {
            return null;
        }

        double rate = selected / weight, otherRate = otherSelected / otherWeight, variance = 0;
        foreach (var (_, n) in rows)
        {
            var influence = (n[group] * (n[^1] - rate) / selected) - (n[reference] * (n[^1] - otherRate) / otherSelected);
            variance += influence * influence;
        }

        return new WeightedRatio(rate / otherRate, variance, rows.Count);
    }
}

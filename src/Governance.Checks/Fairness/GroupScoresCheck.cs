using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using MathNet.Numerics.Distributions;

namespace Governance.Checks.Fairness;

/// <summary>Is the score itself lower, less informative or less well calibrated for a group?</summary>
public sealed class GroupScoresCheck : TallyCheck
{
    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "fairness.group_scores",
        Version = "1",
        Family = CheckFamily.Fairness,
        Title = "Scores, ranking and calibration by group",
        Purpose = "Before any threshold: does the score sit higher for a group, rank its members worse, or mean something else for them?",
        Method = "Per group: mean score; standardized mean difference = 100 (mean of the group - mean of the reference) / standard deviation over all rows, with Welch's test; AUC within the group with DeLong's interval; Brier score; "
            + "calibration intercept and slope within the group and the likelihood-ratio test of both. p-values of differences and of calibration are adjusted by Holm, each family over all groups. "
            + "Where weights are declared, also the weighted mean score, with a linearised interval.",
        SignsOfHighRisk = "A standardized difference beyond 30 in absolute value; an AUC clearly lower than the reference group's (the features do not describe this group); a calibration that fails in one group only, so that equal scores mean unequal risk.",
        Strengths = "Independent of the threshold; shows whether a gap in decisions comes from the score's level, its ranking or its meaning.",
        Limits = "A different mean score may follow a different risk: read it beside calibration within the group. Groups below min_group_size get no figures; an AUC needs both outcomes in the group.",
        Sources = ["Welch (1947), Biometrika 34", "DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44", "Pleiss et al. (2017), On fairness and calibration", "Holm (1979), Scandinavian Journal of Statistics 6"],
        Parameters = [CheckParameters.MinGroupSize, CheckParameters.Confidence],
        Measures =
        [
            new("auc", "AUC within a group", 0, 1),
            new("brier", "Brier score within a group", 0, 1),
            new("mean_score", "mean score of a group", 0, 1),
            new("calibration_intercept", "intercept of the recalibration within a group, in log-odds"),
            new("calibration_slope", "slope of the recalibration within a group; 1 is calibrated"),
            new("weighted_mean_score", "weighted mean score of a group", 0, 1),
            new("standardized_mean_difference", "mean score of a group less that of its reference, in hundredths of a standard deviation"),
        ],
        Thresholds =
        [
            new("standardized_mean_difference", LimitKind.AtMost, [30], "Convention in published fair-lending examples (absolute value)."),
        ],
    };

    public override bool IsRowLocal => true;

    protected override bool HasWeightedMeasures => true;

    protected override string? Lacks(CheckInput input) => GroupTally.Lacks(input);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var scores = context.Input.EvaluationScoresOf(rows).Span;
        var outcome = Outcomes.Of(context.Input.Evaluation);
        var groups = GroupTally.Attributes(context.Input).Sum(a => a.Levels.Count);
        foreach (var (column, first) in Slots(context.Input))
        {
            var codes = column.Codes.Span.Slice(rows.Start, rows.Count);
            for (var i = 0; i < rows.Count; i++)
            {
                if (codes[i] >= 0)
                {
                    tally.Map(first + codes[i], Outcomes.Width).Add(scores[i], outcome(rows.Start + i));
                }
            }

            var all = column.Codes;
            WeightedRows.Count(context.Input, rows, tally, row => all.Span[row] is >= 0 and var code ? groups + first + code : -1);
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var minimum = context.Parameters.Whole(CheckParameters.MinGroupSize.Name);
        var figures = new Figures();
        var groups = Slots(context.Input).SelectMany(s => s.Column.Levels.Select((level, code) =>
            new Group(s.Column.Name, level, ScoreSample.Of(tally.Map(s.First + code, Outcomes.Width)), ScoreCounts.Of(tally.Map(s.First + code, Outcomes.Width), "", []))))
            .Where(g => g.Sample.Rows > 0).ToArray();
        foreach (var attribute in GroupTally.Attributes(context.Input).Where(a => groups.All(g => g.Attribute != a.Name)))
        {
            figures.Undefined("mean_score", $"No row has both a score and a value of {attribute.Name}.", $"attribute={attribute.Name}", 0);
        }

        foreach (var g in groups)
        {
            AddOwn(figures, g, minimum, context.Confidence);
        }

        AddCalibration(figures, groups.Where(g => g.Counts.Total >= minimum).ToArray());
        AddDifferences(figures, context, groups, minimum);
        AddWeighted(figures, context, tally, minimum);
        var largest = figures.All.Where(m => m.Name == "standardized_mean_difference" && m.Value is not null).MaxBy(m => Math.Abs(m.Value!.Value));
        return new Finding(
            largest is null ? "No group could be compared with its reference group." : $"The largest standardized difference of mean scores, in hundredths of a standard deviation, is {Figures.Text(largest)} for {largest.Group}.",
            figures.All);
    }

    private sealed record Group(string Attribute, string Level, ScoreSample Sample, ScoreCounts Counts)
    {
        public string Name => $"{Attribute}={Level}";
    }

    private static IEnumerable<(Data.CategoryColumn Column, int First)> Slots(CheckInput input)
    {
        var next = 0;
        foreach (var column in GroupTally.Attributes(input))
        {
            yield return (column, next);
            next += column.Levels.Count;
        }
    }

    private static void AddOwn(Figures figures, Group g, int minimum, double level)
    {
        if (g.Sample.Rows < minimum)
        {
            foreach (var name in new[] { "mean_score", "auc", "brier" })
            {
                figures.Insufficient(name, $"{g.Level} has {g.Sample.Rows} rows; {minimum} are needed.", g.Name, g.Sample.Rows);
            }

            return;
        }

        figures.Add("mean_score", g.Sample.Mean, g.Name, Interval.Around(g.Sample.Mean, Math.Sqrt(g.Sample.Variance / g.Sample.Rows), level, "normal, standard error of the mean"), g.Sample.Rows);
        var auc = Ranking.Auc(g.Counts);
        figures.Add("auc", auc.Value, g.Name, auc.Interval(level), g.Counts.Total, note: g.Counts.HasBothClasses ? null : "Only one outcome occurs in the group.");
        var (brier, error) = Probability.Mean(g.Counts, Probability.SquaredError);
        figures.Add("brier", brier, g.Name, Interval.Around(brier, error, level, "normal, standard error of the mean", 0, 1), g.Counts.Total, note: g.Counts.Total > 0 ? null : "No row of the group has a label.");
    }

    private static void AddWeighted(Figures figures, CheckContext context, Tally tally, int minimum)
    {
        if (!WeightedRows.Declared(context.Input))
        {
            return;
        }

        var offset = GroupTally.Attributes(context.Input).Sum(a => a.Levels.Count);
        foreach (var (column, first) in Slots(context.Input))
        {
            foreach (var (code, level) in column.Levels.Index())
            {
                var (mean, name) = (WeightedRows.MeanScore(tally, offset + first + code), $"{column.Name}={level}");
                if (mean.Rows >= minimum)
                {
                    figures.Add("weighted_mean_score", mean.Value, name, mean.Interval(context.Confidence), mean.Rows);
                }
                else
                {
                    figures.Insufficient("weighted_mean_score", $"{level} has {mean.Rows} weighted rows; {minimum} are needed.", name, mean.Rows);
                }
            }
        }
    }

    private static void AddCalibration(Figures figures, Group[] groups)
    {
        var fits = groups.Select(g => LogisticRecalibration.Fit(g.Counts)).ToArray();
        var tested = fits.OfType<LogisticRecalibration>().Select(f => Tail.ChiSquared(f.LikelihoodRatio, 2)).ToArray();
        var adjusted = Multiplicity.Holm(tested);
        for (int i = 0, t = 0; i < groups.Length; i++)
        {
            if (fits[i] is { } fit)
            {
                figures.Add("calibration_intercept", fit.Intercept, groups[i].Name, count: groups[i].Counts.Total);
                figures.Add("calibration_slope", fit.Slope, groups[i].Name, count: groups[i].Counts.Total, pValue: tested[t], adjusted: adjusted[t],
                    test: $"likelihood ratio, intercept = 0 and slope = 1, Holm over {tested.Length} groups");
                t++;
            }
            else
            {
                figures.Undefined("calibration_slope", "The recalibration has no maximum: one outcome, one score, or outcomes that the score separates perfectly.", groups[i].Name, groups[i].Counts.Total);
            }
        }
    }

    private static void AddDifferences(Figures figures, CheckContext context, Group[] groups, int minimum)
    {
        var pairs = groups
            .Select(g => (Group: g, Reference: groups.FirstOrDefault(r => r.Attribute == g.Attribute && context.Input.ReferenceGroups.GetValueOrDefault(g.Attribute) == r.Level)))
            .Where(p => p.Group != p.Reference).ToArray();
        var valid = pairs.Where(p => p.Reference is { } r && r.Sample.Rows >= minimum && p.Group.Sample.Rows >= minimum && p.Group.Sample.Variance + r.Sample.Variance > 0).ToArray();
        var pValues = valid.Select(p => Welch(p.Group.Sample, p.Reference!.Sample).PValue).ToArray();
        var adjusted = Multiplicity.Holm(pValues);
        for (var i = 0; i < valid.Length; i++)
        {
            var (g, r) = (valid[i].Group, valid[i].Reference!);
            var scale = 100 / Math.Sqrt(ScoreSample.Pooled([.. groups.Where(o => o.Attribute == g.Attribute).Select(o => o.Sample)]));
            var value = scale * (g.Sample.Mean - r.Sample.Mean);
            figures.Add("standardized_mean_difference", value, g.Name, Interval.Around(value, scale * Welch(g.Sample, r.Sample).Error, context.Confidence, "normal, Welch's standard error"), g.Sample.Rows,
                pValues[i], adjusted[i], $"Welch, Holm over {valid.Length} groups");
        }

        foreach (var (g, r) in pairs.Except(valid))
        {
            figures.Insufficient("standardized_mean_difference",
                r is null ? "The reference group is not declared or has no rows." : "The group or its reference has too few rows, or the score is constant.", g.Name, g.Sample.Rows);
        }
    }

    private static (double Error, double PValue) Welch(ScoreSample a, ScoreSample b)
    {
        double u = a.Variance / a.Rows, v = b.Variance / b.Rows;
        var degrees = (u + v) * (u + v) / ((a.Rows > 1 ? u * u / (a.Rows - 1) : 0) + (b.Rows > 1 ? v * v / (b.Rows - 1) : 0));
        var error = Math.Sqrt(u + v);
        return (error, Math.Min(1, 2 * StudentT.CDF(0, 1, degrees, -Math.Abs((a.Mean - b.Mean) / error))));
    }
}

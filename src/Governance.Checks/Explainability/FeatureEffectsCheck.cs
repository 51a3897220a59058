using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Explainability;

/// <summary>How does the score move with each feature, on average and for single applicants?</summary>
public sealed class FeatureEffectsCheck : TallyCheck
{
    private const int Slots = 3;
    private const int Range = 0;
    private const int Trend = 1;
    private const int First = 2;

    private static readonly CheckParameter GridPoints = CheckParameter.Whole("grid_points", "Most values a feature is set to: quantiles of the data.", 12, 3, 100);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "explainability.feature_effects",
        Version = "1",
        Family = CheckFamily.Explainability,
        Title = "Effects of features (partial dependence, ICE, ALE)",
        Purpose = "What shape has the influence of each feature on the score, and is it the same for everybody or different from one applicant to the next?",
        Method = "Each sampled row is scored with the feature at each of up to grid_points quantiles of the data and all else kept (individual curves). Partial dependence is their mean; accumulated local effects add up, from value to value, the mean change over the rows that lie between, "
            + "centred to mean zero over rows. Per feature: range of both curves, mean range of the individual curves with a normal interval over rows, and the share of individual curves that end on the other side of their start than the mean curve, with Clopper-Pearson's interval.",
        SignsOfHighRisk = "Jumps at values nobody can explain; directions against domain knowledge; individual curves that run against the mean for many applicants (interactions that a single reason hides); accumulated effects that differ from partial dependence (correlated features).",
        Strengths = "Shows shape and direction, on the scale of the decision; works for any model; accumulated effects move rows only to their neighbours' values, which partial dependence does not.",
        Limits = "Partial dependence asks about combinations that may never occur. Accumulated effects rest on few rows where data are thin, and rows with a missing value take no part in them. Curves are of the sampled rows and at the grid's values only.",
        Sources = ["Friedman (2001), Annals of Statistics 29", "Goldstein et al. (2015), Journal of Computational and Graphical Statistics 24", "Apley and Zhu (2020), JRSS B 82"],
        Parameters = [SampledRows.Limit with { Default = 300 }, GridPoints, CheckParameters.Confidence],
        Measures =
        [
            new("partial_dependence_range", "range of the partial dependence of a feature", 0, 1),
            new("accumulated_effect_range", "range of its accumulated local effect", 0),
            new("individual_range", "mean range of the score of a single row", 0, 1),
            new("against_mean_share", "share of rows whose score moves against the mean", 0, 1),
        ],
        Tables = [new("effects", ["feature", "value", "partial_dependence", "accumulated_effect"])],
    };

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var sample = new SampledRows(context);
        var grids = Grids(context);
        var most = context.Parameters.Whole(GridPoints.Name);
        foreach (var position in sample.PositionsIn(rows))
        {
            var row = FeatureRows.Gather(input.Evaluation, input.Model.Features, [sample[position]]);
            for (var f = 0; f < grids.Length; f++)
            {
                if (grids[f].Length == 0)
                {
                    continue;
                }

                var curve = EffectCurves.Individual(input.Model, row, f, grids[f], cancellationToken);
                var slot = f * (Slots + (2 * most));
                tally.Map(slot + Range, 1).Add(curve.Max() - curve.Min(), 0);
                tally.Map(slot + Trend, 1).Add(Math.Sign(curve[^1] - curve[0]), 0);
                for (var g = 0; g < curve.Length; g++)
                {
                    tally.Map(slot + First + g, 1).Add(curve[g], 0);
                }

                // The step of the grid a row's own value lies in: (grid[k - 1], grid[k]], the first one closed.
                if (!float.IsNaN(row[f]) && grids[f].Length > 1)
                {
                    var k = Array.FindIndex(grids[f], v => row[f] <= v);
                    k = Math.Clamp(k < 0 ? grids[f].Length - 1 : k, 1, grids[f].Length - 1);
                    tally.Map(slot + First + most + k, 1).Add(curve[k] - curve[k - 1], 0);
                }
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var grids = Grids(context);
        var most = context.Parameters.Whole(GridPoints.Name);
        var figures = new Figures();
        var curves = new List<IReadOnlyList<Cell>>();
        var ranges = new List<(string Name, double Range)>();
        for (var f = 0; f < grids.Length; f++)
        {
            var name = input.Model.Features[f];
            var group = $"feature={name}";
            var slot = f * (Slots + (2 * most));
            var individual = ScoreSample.Of(tally.Map(slot + Range, 1));
            if (grids[f].Length == 0 || individual.Rows == 0)
            {
                figures.Undefined("partial_dependence_range", grids[f].Length == 0 ? "The feature has no finite value in the data." : "No row has a score.", group, 0);
                continue;
            }

            var mean = Enumerable.Range(0, grids[f].Length).Select(g => ScoreSample.Of(tally.Map(slot + First + g, 1)).Mean).ToArray();
            var accumulated = Accumulated(tally, slot + First + most, grids[f].Length);
            var range = mean.Max() - mean.Min();
            ranges.Add((name, range));
            figures.Add("partial_dependence_range", range, group, count: individual.Rows);
            figures.Add("accumulated_effect_range", accumulated.Max() - accumulated.Min(), group, count: individual.Rows);
            figures.Add("individual_range", individual.Mean, group,
                individual.Rows > 1 ? Interval.Around(individual.Mean, Math.Sqrt(individual.Variance / individual.Rows), context.Confidence, "normal over rows", 0, 1) : null, individual.Rows);
            var trends = tally.Map(slot + Trend, 1);
            var other = trends.CountOf(-Math.Sign(mean[^1] - mean[0]), 0) * Math.Abs(Math.Sign(mean[^1] - mean[0]));
            figures.Add("against_mean_share", (double)other / trends.Total(), group, Proportion.ClopperPearson(other, trends.Total(), context.Confidence), trends.Total());
            for (var g = 0; g < grids[f].Length; g++)
            {
                curves.Add([name, (double)grids[f][g], mean[g], accumulated[g]]);
            }
        }

        var top = ranges.OrderByDescending(r => r.Range).ThenBy(r => r.Name, StringComparer.Ordinal).Take(3).ToArray();
        return new Finding(
            top.Length == 0 ? "No feature has values to move over." : $"The mean score moves most with {string.Join(", ", top.Select(r => $"{r.Name} (by {Figures.Text(r.Range)})"))}.",
            figures.All)
        {
            Tables = [new Table("effects", "Partial dependence and accumulated local effects (score of label 1)", [new("feature", "Feature", "text"), new("value", "Value"), new("partial_dependence", "Partial dependence"), new("accumulated_effect", "Accumulated local effect")], curves)],
            Limitations = new SampledRows(context).Limitation is { } limitation ? [limitation] : [],
        };
    }

    private static float[][] Grids(CheckContext context) =>
        [.. context.Input.Model.Features.Select(f => FeatureGrids.Thin(FeatureGrids.Seen(context.Input, f), context.Parameters.Whole(GridPoints.Name)))];

    /// <summary>Sums of mean steps, centred to mean zero over the rows; steps without rows are flat.</summary>
    private static double[] Accumulated(Tally tally, int slot, int points)
    {
        var steps = Enumerable.Range(0, points).Select(k => ScoreSample.Of(tally.Map(slot + k, 1))).ToArray();
        var effects = new double[points];
        double centre = 0, rows = 0;
        for (var k = 1; k < points; k++)
        {
            effects[k] = effects[k - 1] + steps[k].Mean;
            centre += steps[k].Rows * (effects[k] + effects[k - 1]) / 2;
            rows += steps[k].Rows;
        }

        return rows == 0 ? effects : Array.ConvertAll(effects, e => e - (centre / rows));
    }
}

/// <summary>Scores of rows as one feature moves.</summary>
public static class EffectCurves
{
    /// <summary>Scores of one row with a feature at each value and all else kept.</summary>
    public static double[] Individual(Models.IScorer model, ReadOnlySpan<float> row, int feature, ReadOnlySpan<float> values, CancellationToken cancellationToken)
    {
        var rows = new float[values.Length * row.Length];
        for (var i = 0; i < values.Length; i++)
        {
            row.CopyTo(rows.AsSpan(i * row.Length));
            rows[(i * row.Length) + feature] = values[i];
        }

        var scores = new double[values.Length];
        model.Score(rows, scores, cancellationToken);
        return scores;
    }
}

using System.Globalization;
using Governance.Checks.Explainability.Counterfactuals;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Explainability;

/// <summary>Is there something an applicant who was turned down could change to be accepted?</summary>
public sealed class CounterfactualsCheck : TallyCheck
{
    private const int Adverse = 0;
    private const int Cost = 1;
    private const int Changes = 2;
    private const int Used = 3;
    private const int Unconfirmed = 4;
    private const int ExampleRows = 20;

    private static readonly CheckParameter GridPoints = CheckParameter.Whole(
        "grid_points", "Most values tried for each feature: both sides of tree thresholds, or values of the data.", CounterfactualExplainer.UsualGridPoints, 3, 1000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "explainability.counterfactuals",
        Version = "1",
        Family = CheckFamily.Explainability,
        Title = "Counterfactuals",
        Purpose = "Which least change of what an applicant can change would have turned the decision, and for how many is there none?",
        Method = "For each sampled adverse decision: every single change of a mutable feature to either side of each of its tree thresholds (exhaustive when there are at most grid_points of them; else, and for other models, values of the data), within the feature's range, allowed direction and step; "
            + "where none turns the decision, the five best single changes are extended by every second change, and the best pair by every third. The cheapest that turns it counts: cost is the sum of changes in standard deviations. Each one found is confirmed with the running model. "
            + "Share of decisions with one, with Clopper-Pearson's interval; cost and number of changes with normal intervals over decisions.",
        SignsOfHighRisk = "Many decisions that no allowed change turns: applicants are judged by what they cannot influence. Counterfactuals of negligible cost: decisions hang on trifles or can be gamed.",
        Strengths = "Respects what people can change; for single changes of tree models with few thresholds the search is exhaustive; nothing is reported that the running model does not confirm.",
        Limits = "Without feature rules everything within the range seen counts as changeable, and one-hot columns change one by one. Not finding one within three changes does not prove that there is none. What turns the model's decision need not change the outcome it predicts.",
        Sources = ["Wachter, Mittelstadt and Russell (2018), Harvard Journal of Law & Technology 31", "Ustun, Spangher and Liu (2019), FAT*", "Clopper and Pearson (1934), Biometrika 26"],
        Parameters = [SampledRows.Limit with { Default = CounterfactualExplainer.UsualRows }, GridPoints, CheckParameters.Confidence],
        Measures =
        [
            new("found_rate", "share of adverse decisions with a counterfactual within the rules", 0, 1),
            new("single_change_rate", "share that one feature alone can turn", 0, 1),
            new("mean_cost", "mean cost of the cheapest, in standard deviations", 0),
            new("mean_changes", "mean number of features it changes", 0),
        ],
        Tables =
        [
            new("changed_features", ["feature", "count", "share"]),
            new("examples", ["row", "feature", "from", "to"]),
        ],
    };

    protected override bool ReadsFeatureRules => true;

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var explainer = Explainer(context);
        foreach (var row in AdverseRows.In(context, new SampledRows(context), rows))
        {
            tally.Map(Adverse, 1).Add(row, 0);
            var values = FeatureRows.Gather(input.Evaluation, input.Model.Features, [row]);
            if (explainer.Cheapest(values, CounterfactualSearch.MostChanges, cancellationToken) is not { } found)
            {
                continue;
            }

            var score = new double[1];
            input.Model.Score(found.In(values), score, cancellationToken);
            if (double.IsNaN(score[0]) || Explanation.IsAdverse(input, score[0]))
            {
                tally.Map(Unconfirmed, 1).Add(row, 0);
                continue;
            }

            tally.Map(Cost, 1).Add(found.Cost, 0);
            tally.Map(Changes, 1).Add(found.Changes.Count, 0);
            foreach (var change in found.Changes)
            {
                tally.Map(Used, 1).Add(change.Feature, 0);
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var figures = new Figures();
        var limitations = new List<string>();
        if (new SampledRows(context).Limitation is { } limitation)
        {
            limitations.Add(limitation);
        }

        var adverse = tally.Map(Adverse, 1);
        long rows = adverse.Total(), found = tally.Map(Changes, 1).Total(), single = tally.Map(Changes, 1).CountOf(1, 0);
        if (rows == 0)
        {
            figures.Undefined("found_rate", "No sampled row is decided adversely.", count: 0);
            return new Finding("No sampled row is decided adversely.", figures.All) { Limitations = limitations };
        }

        if (tally.Map(Unconfirmed, 1).Total() is > 0 and var unconfirmed)
        {
            limitations.Add($"{unconfirmed} counterfactuals of the float64 traversal were not confirmed by the running model and do not count.");
        }

        figures.Add("found_rate", (double)found / rows, interval: Proportion.ClopperPearson(found, rows, context.Confidence), count: rows);
        figures.Add("single_change_rate", (double)single / rows, interval: Proportion.ClopperPearson(single, rows, context.Confidence), count: rows);
        Mean("mean_cost", Cost);
        Mean("mean_changes", Changes);
        var used = tally.Map(Used, 1);
        var shares = input.Model.Features.Select((f, i) => (Feature: f, Count: used.CountOf(i, 0))).Where(s => s.Count > 0).OrderByDescending(s => s.Count).ThenBy(s => s.Feature, StringComparer.Ordinal).ToArray();
        return new Finding(
            string.Create(CultureInfo.InvariantCulture, $"For {found} of {rows} adverse decisions a change of at most three features turns the decision, for {single} of one feature{(shares.Length == 0 ? "" : $"; most often {string.Join(", ", shares.Take(3).Select(s => s.Feature))}")}."),
            figures.All)
        {
            Tables =
            [
                new Table("changed_features", "Features that the cheapest counterfactuals change", [new("feature", "Feature", "text"), new("count", "Decisions", "integer"), new("share", "Share of those found", "percent")],
                    [.. shares.Select(s => (IReadOnlyList<Cell>)[s.Feature, (double)s.Count, (double)s.Count / found])]),
                Examples(context, adverse, cancellationToken),
            ],
            Limitations = limitations,
        };

        void Mean(string name, int slot)
        {
            var sample = ScoreSample.Of(tally.Map(slot, 1));
            if (sample.Rows == 0)
            {
                figures.Undefined(name, "No counterfactual was found.", count: 0);
            }
            else
            {
                figures.Add(name, sample.Mean, interval: sample.Rows > 1 ? Interval.Around(sample.Mean, Math.Sqrt(sample.Variance / sample.Rows), context.Confidence, "normal over decisions", 0) : null, count: sample.Rows);
            }
        }
    }

    private static Table Examples(CheckContext context, CountMap adverse, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var explainer = Explainer(context);
        var lines = new List<IReadOnlyList<Cell>>();
        for (var i = 0; i < Math.Min(ExampleRows, adverse.Length); i++)
        {
            var row = (int)adverse.Key(i);
            var values = FeatureRows.Gather(input.Evaluation, input.Model.Features, [row]);
            if (explainer.Cheapest(values, CounterfactualSearch.MostChanges, cancellationToken) is { } found)
            {
                lines.AddRange(found.Changes.Select(c => (IReadOnlyList<Cell>)[(double)row, input.Model.Features[c.Feature], (double)values[c.Feature], (double)c.Value]));
            }
        }

        return new Table("examples", "Counterfactuals of the first adverse decisions", [new("row", "Evaluation row", "integer"), new("feature", "Feature", "text"), new("from", "From"), new("to", "To")], lines);
    }

    private static CounterfactualExplainer Explainer(CheckContext context)
    {
        var input = context.Input;
        var (sample, points) = (new SampledRows(context), context.Parameters.Whole(GridPoints.Name));
        return input.Once($"counterfactuals {sample.Count} {points}", () => CounterfactualExplainer.Create(
            input.Model, input.FeatureRules, input.Evaluation, sample.Rows, input.Threshold, input.FavourablePrediction, points));
    }
}

using Governance.Checks.Explainability.Counterfactuals;
using Governance.Checks.Tests.Support;
using Governance.Data;
using Governance.Models;

namespace Governance.Checks.Tests.Explainability;

/// <summary>The search that the check and the answers share.</summary>
public sealed class CounterfactualExplainerTests
{
    private const double Threshold = 0.5;
    private static readonly DataTable Table = Inputs.PortfolioTable(9, 600, dirty: false);
    private static readonly LinearScorer Linear = new(["income", "debt", "flag"], [-1.1, 0.9, 0.5], -0.4);

    [Fact]
    public void Search_OfWhatIsElsewhere_FindsWhatTheModelItselfFinds()
    {
        var explainer = Explainer(Linear, []);
        Assert.False(explainer.IsReadable);
        var turned = 0;
        foreach (var row in AdverseRows(Linear).Take(20))
        {
            var search = explainer.Search(row, CounterfactualSearch.MostChanges);
            var asked = 0;
            while (search.Next() is { IsEmpty: false } rows)
            {
                Assert.InRange(rows.Length / row.Length, 1, CounterfactualSearch.BlockRows);
                asked += rows.Length / row.Length;
                search.Take(Scores(Linear, rows.Span));
            }

            var found = search.Found;
            var itself = explainer.Cheapest(row, CounterfactualSearch.MostChanges, TestContext.Current.CancellationToken);
            Assert.Equal(itself?.Changes, found?.Changes);
            Assert.Equal(itself?.Cost, found?.Cost);
            // One feature at up to 32 values, five of those with every second, one pair with every third.
            Assert.InRange(asked, 1, 7 * 3 * CounterfactualExplainer.UsualGridPoints);
            if (found is not null)
            {
                turned++;
                Assert.True(Scores(Linear, found.In(row))[0] < Threshold);
                Assert.Equal(found.Changes.Count, row.Zip(found.In(row)).Count(p => p.First != p.Second));
            }
        }

        Assert.True(turned > 10);
    }

    [Fact]
    public void Changes_StayWithinTheRules_AndTheNumberAsked()
    {
        var explainer = Explainer(Inputs.Trees(), new()
        {
            ["income"] = new() { Change = Direction.Up, Maximum = 0.5f }, ["debt"] = new() { Change = Direction.Down, Minimum = -1 }, ["flag"] = new() { IsMutable = false },
        });
        Assert.True(explainer is { IsReadable: true, CanChange: true });
        var pairs = 0;
        foreach (var row in AdverseRows(Inputs.Trees()))
        {
            var both = explainer.Cheapest(row, 3, TestContext.Current.CancellationToken);
            var one = explainer.Cheapest(row, 1, TestContext.Current.CancellationToken);
            pairs += both?.Changes.Count == 2 ? 1 : 0;
            Assert.Equal(both?.Changes.Count == 1, one is not null);
            foreach (var change in both?.Changes ?? [])
            {
                Assert.True(change.Feature == 0 ? change.Value > row[0] && change.Value <= 0.5f : change.Feature == 1 && change.Value < row[1] && change.Value >= -1);
            }
        }

        Assert.True(pairs > 0);
        Assert.False(Explainer(Linear, Linear.Features.ToDictionary(f => f, _ => new FeatureRule { IsMutable = false })).CanChange);
    }

    [Fact]
    public void Search_OfAModelThatAnswersNoNumbers_FindsNothing()
    {
        var search = Explainer(Linear, []).Search(AdverseRows(Linear).First(), 2);
        while (search.Next() is { IsEmpty: false } rows)
        {
            search.Take([.. Enumerable.Repeat(double.NaN, rows.Length / 3)]);
        }

        Assert.Null(search.Found);
    }

    private static CounterfactualExplainer Explainer(IScorer model, Dictionary<string, FeatureRule> rules) =>
        CounterfactualExplainer.Create(model, rules, Table, Enumerable.Range(0, Table.RowCount), Threshold, favourable: 0);

    private static IEnumerable<float[]> AdverseRows(IScorer model) => Enumerable.Range(0, Table.RowCount)
        .Select(r => model.Features.Select(f => ((Float32Column)Table[f]).Values.Span[r]).ToArray())
        .Where(row => Scores(model, row)[0] >= Threshold);

    private static double[] Scores(IScorer model, ReadOnlySpan<float> rows)
    {
        var scores = new double[rows.Length / model.Features.Count];
        model.Score(rows, scores, TestContext.Current.CancellationToken);
        return scores;
    }
}

using Governance.Checks.Statistics;
using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Tests;

/// <summary>What the fairness checks say about data whose bias is known because it was put there.</summary>
public sealed class FairnessCheckTests
{
    /// <summary>Simpson's paradox: within each department women fare alike, but they apply where few are admitted.</summary>
    [Fact]
    public void ConditionalImpact_CompositionExplains_RatioReturnsToOne()
    {
        var people = new List<(string Sex, string Department, double Score)>();
        Add("male", "easy", 400, 0.75);
        Add("male", "hard", 100, 0.25);
        Add("female", "easy", 100, 0.75);
        Add("female", "hard", 400, 0.25);
        var input = Input(people, ["sex", "department"], p => [p.Sex, p.Department]);

        Assert.Equal(0.35 / 0.65, Inputs.Run("fairness.adverse_impact", input).Value("adverse_impact_ratio", "sex=female"), 1e-12);
        var conditional = Inputs.Run("fairness.conditional_impact", input).Get("conditional_impact_ratio", "sex=female,given=department");
        Assert.Equal(1, conditional.Value!.Value, 1e-12);
        Assert.True(conditional.PValue > 0.9);

        void Add(string sex, string department, int rows, double admitted) =>
            people.AddRange(Enumerable.Range(0, rows).Select(i => (sex, department, i < rows * admitted ? 0.1 : 0.9)));
    }

    /// <summary>Each attribute alone is balanced, one combination is not.</summary>
    [Fact]
    public void Intersectional_OneCombinationRefused_IsTheLowest()
    {
        var people = new List<(string Sex, string Age, double Score)>();
        foreach (var (sex, age, rate) in new[] { ("male", "young", 0.4), ("male", "old", 0.8), ("female", "young", 0.8), ("female", "old", 0.4) })
        {
            people.AddRange(Enumerable.Range(0, 200).Select(i => (sex, age, i < 200 * rate ? 0.1 : 0.9)));
        }

        var input = Input(people, ["sex", "age"], p => [p.Sex, p.Age]);
        Assert.Equal(1, Inputs.Run("fairness.adverse_impact", input).Value("adverse_impact_ratio", "sex=female"), 1e-12);
        var result = Inputs.Run("fairness.intersectional", input);
        var lowest = result.Get("min_adverse_impact_ratio");
        Assert.Equal(80.0 / 200 / (400.0 / 600), lowest.Value!.Value, 1e-12);
        Assert.True(lowest.AdjustedPValue < 1e-6);

        // Smoothed rates of 160 and 80 in 200: ln((160.5 / 201) / (80.5 / 201)); refusals give ln(120.5 / 40.5), which is larger.
        Assert.Equal(Math.Log(120.5 / 40.5), result.Value("differential_fairness", "attribute=sex&age"), 1e-12);
        Assert.Equal(4, result.Value("screened_combinations"));
    }

    [Fact]
    public void ProxyPower_FeatureThatGivesSexAway_IsNamed()
    {
        var random = SplitMix64.For(4, 4);
        var sex = Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? "male" : "female").ToArray();
        var proxy = sex.Select(s => (float)(random.NextNormal() - (s == "female" ? 3 : 0))).ToArray();
        var noise = sex.Select(_ => (float)random.NextNormal()).ToArray();
        var input = new CheckInput
        {
            Evaluation = new DataTable(
            [
                new Float32Column("noise", ColumnRole.Feature, noise), new Float32Column("proxy", ColumnRole.Feature, proxy), Inputs.Category("sex", sex),
                new Float64Column("label", ColumnRole.Label, new double[400]),
            ]),
            Model = new LinearScorer(["noise", "proxy"], [1, 0], 0),
            Threshold = 0.5,
            FavourablePrediction = 0,
            ReferenceGroups = new Dictionary<string, string> { ["sex"] = "male" },
        };
        var found = Inputs.Run("fairness.proxy_power", input).Get("max_proxy_auc", "sex=female");
        Assert.InRange(found.Value!.Value, 0.95, 1);
        Assert.Equal("proxy.", found.Note);
        Assert.True(found.AdjustedPValue < 1e-10);
        Assert.InRange(Inputs.Run("fairness.proxy_power", input).Value("score_proxy_auc", "sex=female"), 0.5, 0.58);
    }

    [Fact]
    public void AdverseImpact_SmallGroup_InsufficientAndOutOfTheMinimum()
    {
        double[] scores = [.. Enumerable.Repeat(0.1, 80), .. Enumerable.Repeat(0.9, 20), .. Enumerable.Repeat(0.1, 54), .. Enumerable.Repeat(0.9, 6), .. Enumerable.Repeat(0.9, 29)];
        string[] groups = [.. Enumerable.Repeat("male", 100), .. Enumerable.Repeat("female", 60), .. Enumerable.Repeat("other", 29)];
        var result = Inputs.Run("fairness.adverse_impact", Inputs.Scored(scores, new double[189], groups));
        Assert.Equal(MeasureStatus.Insufficient, result.Get("adverse_impact_ratio", "sex=other").Status);
        Assert.Null(result.Get("adverse_impact_ratio", "sex=other").Value);
        Assert.Equal(0.9 / 0.8, result.Value("min_adverse_impact_ratio"), 1e-12);
        Assert.StartsWith("Fisher", result.Get("adverse_impact_ratio", "sex=female").Test, StringComparison.Ordinal);
    }

    private static CheckInput Input<T>(List<T> people, string[] attributes, Func<T, string[]> words)
        where T : struct, System.Runtime.CompilerServices.ITuple
    {
        var scores = people.Select(p => (double)p[2]!).ToArray();
        var table = Inputs.ScoredTable(0, new double[people.Count]);
        return new CheckInput
        {
            Evaluation = new DataTable([.. table.Columns, .. attributes.Select((a, i) => Inputs.Category(a, [.. people.Select(p => words(p)[i])]))]),
            Model = new StoredScorer(scores),
            Threshold = 0.5,
            FavourablePrediction = 0,
            ReferenceGroups = new Dictionary<string, string> { ["sex"] = "male", ["age"] = "young", ["department"] = "easy" },
        };
    }
}

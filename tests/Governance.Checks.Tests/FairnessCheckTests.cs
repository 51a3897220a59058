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

    /// <summary>Log-odds 0.5·flag + x, and a one-hot code of three columns of which the model reads one by 0.3: the largest steps are those of the formula where the logistic function is steepest.</summary>
    [Fact]
    public void ProhibitedInputs_LinearModel_LargestStepsByHand()
    {
        float[] x = [-0.25f, -0.25f, 3, 3, -3, 0], flag = [0, 1, 0, 1, 0, 1], a = [1, 0, 0, 1, 0, 0], b = [0, 1, 0, 0, 1, 0], c = [0, 0, 1, 0, 0, 1];
        var prohibited = new FeatureRule { IsProhibited = true };
        CheckInput Input(double flagWeight, double codeWeight) => new()
        {
            Evaluation = new DataTable(
            [
                new Float32Column("x", ColumnRole.Feature, x), new Float32Column("flag", ColumnRole.Feature, flag), new Float32Column("a", ColumnRole.Feature, a), new Float32Column("b", ColumnRole.Feature, b),
                new Float32Column("c", ColumnRole.Feature, c), new Float64Column("label", ColumnRole.Label, new double[6]),
            ]),
            Model = new LinearScorer(["x", "flag", "a", "b", "c"], [1, flagWeight, 0, codeWeight, 0], 0), Threshold = 0.5, FavourablePrediction = 0, ReferenceGroups = new Dictionary<string, string>(),
            FeatureRules = new Dictionary<string, FeatureRule> { ["flag"] = prohibited, ["a"] = prohibited with { Group = "code" }, ["b"] = prohibited with { Group = "code" }, ["c"] = prohibited with { Group = "code" } },
        };
        var result = Inputs.Run("fairness.prohibited_inputs", Input(0.5, 0.3));

        // Row 0 goes from −0.25 to +0.25 with the flag and its decision turns; row 1 from 0.55 to 0.05 and row 5 from 0.5 to 0, the cut-off itself, keep theirs.
        Assert.Equal(Logistic(0.25) - Logistic(-0.25), result.Value("score_change", "feature=flag"), 1e-6);
        Assert.Equal(1.0 / 6, result.Value("decision_flip_rate", "feature=flag"), 1e-7);

        // The code is a, b or c: only b moves the score, by 0.3. Row 0 would be at 0.05 as b; row 1 is b at 0.55 and at 0.25 otherwise.
        Assert.Equal(Logistic(0.05) - Logistic(-0.25), result.Value("score_change", "feature=code"), 1e-6);
        Assert.Equal(1.0 / 6, result.Value("decision_flip_rate", "feature=code"), 1e-7);
        Assert.Equal(2, result.Value("prohibited_inputs"));
        Assert.Equal(result.Value("score_change", "feature=flag"), result.Value("max_score_change"));

        Assert.Equal(0, Inputs.Run("fairness.prohibited_inputs", Input(0, 0)).Value("max_score_change"));
        Assert.Contains("isProhibited", Inputs.Run("fairness.prohibited_inputs", Inputs.Scored([0.2, 0.8], [0, 1])).Get("max_score_change").Note, StringComparison.Ordinal);

        static double Logistic(double z) => 1 / (1 + Math.Exp(-z));
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

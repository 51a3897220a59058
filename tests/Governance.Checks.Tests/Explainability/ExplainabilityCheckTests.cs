using Governance.Checks.Explainability;
using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;
using Governance.Data;
using Governance.Models;
using Governance.Models.Structure;
using Governance.Models.Trees;

namespace Governance.Checks.Tests.Explainability;

public sealed class ExplainabilityCheckTests
{
    private static readonly string[] Features = ["income", "debt", "flag"];

    /// <summary>Income above 0 lowers the log-odds; debt above 1 raises them, but falls again above 2 for those with the flag.</summary>
    private static readonly TreeEnsemble Trees = new(
        Features,
        new TreeNode[]
        {
            new(BranchMode.LessOrEqual, 0, 0, 1, 2, true, 0), new(BranchMode.Leaf, 0, 0, 1, 1, false, 0.6f), new(BranchMode.Leaf, 0, 0, 2, 2, false, -1),
            new(BranchMode.Greater, 1, 1, 4, 8, false, 0), new(BranchMode.Greater, 1, 2, 5, 7, false, 0),
            new(BranchMode.Greater, 2, 0.5f, 6, 7, false, 0), new(BranchMode.Leaf, 0, 0, 6, 6, false, 0.2f), new(BranchMode.Leaf, 0, 0, 7, 7, false, 2), new(BranchMode.Leaf, 0, 0, 8, 8, false, -0.5f),
        },
        new[] { 0, 3 }, 0, TreeLink.Logistic);

    [Fact]
    public void Monotonicity_Trees_ProvesAndFindsViolations()
    {
        var result = Inputs.Run("explainability.monotonicity", Input(new() { ["income"] = new() { Monotone = Direction.Down }, ["debt"] = new() { Monotone = Direction.Up } }));
        Assert.Equal(0, result.Value("violation_rate", "feature=income"));
        Assert.Contains("Proven", result.Get("violation_rate", "feature=income").Note, StringComparison.Ordinal);
        var debt = result.Get("violation_rate", "feature=debt");
        var flags = ((Float32Column)Input([]).Evaluation["flag"]).Values.ToArray();
        var sampled = Enumerable.Range(0, 100).Select(i => flags[i * flags.Length / 100]).ToArray();
        Assert.Equal(sampled.Count(f => f > 0.5f) / 100.0, debt.Value!.Value, 1e-12);
        Assert.Equal(1, result.Value("declared_violated"));
        Assert.Equal(["proven: never rises", "goes both ways", "falls in the sample, not proven"], result.Tables[0].Rows.Select(r => r[2].Text).Select((t, i) => i == 2 && t!.StartsWith("proven", StringComparison.Ordinal) ? "falls in the sample, not proven" : t));
    }

    [Fact]
    public void Monotonicity_NothingDeclared_SaysSo() =>
        Assert.Equal(MeasureStatus.Undefined, Inputs.Run("explainability.monotonicity", Input([])).Get("declared_violated").Status);

    [Fact]
    public void Counterfactuals_RespectRules_AndTurnTheDecision()
    {
        var free = Inputs.Run("explainability.counterfactuals", Input([]));
        Assert.Equal(1, free.Value("found_rate"));
        var examples = Assert.Single(free.Tables, t => t.Name == "examples").Rows;
        Assert.NotEmpty(examples);
        foreach (var row in examples.GroupBy(r => (int)r[0].Number!.Value))
        {
            var values = FeatureRows.Gather(Input([]).Evaluation, Features, [row.Key]);
            Assert.True(Trees.Margin(values) >= 0, "Only adverse decisions have counterfactuals.");
            foreach (var change in row)
            {
                values[Array.IndexOf(Features, change[1].Text)] = (float)change[3].Number!.Value;
            }

            Assert.True(Trees.Margin(values) < 0, "The change must turn the decision.");
        }

        var onlyIncomeUp = Inputs.Run("explainability.counterfactuals", Input(new()
        {
            ["income"] = new() { Change = Direction.Up, Maximum = 1 }, ["debt"] = new() { IsMutable = false }, ["flag"] = new() { IsMutable = false },
        }));
        Assert.All(Assert.Single(onlyIncomeUp.Tables, t => t.Name == "examples").Rows, r => Assert.True(r[1].Text == "income" && r[3].Number > r[2].Number && r[3].Number <= 1));
        Assert.True(onlyIncomeUp.Value("found_rate") < 1);

        var nothing = Inputs.Run("explainability.counterfactuals", Input(Features.ToDictionary(f => f, _ => new FeatureRule { IsMutable = false })));
        Assert.Equal(0, nothing.Value("found_rate"));
        Assert.Equal(MeasureStatus.Undefined, nothing.Get("mean_cost").Status);
    }

    [Fact]
    public void Counterfactuals_Step_OnlyWholeSteps()
    {
        var result = Inputs.Run("explainability.counterfactuals", Input(new() { ["income"] = new() { Step = 0.25f }, ["debt"] = new() { IsMutable = false }, ["flag"] = new() { IsMutable = false } }));
        var rows = Assert.Single(result.Tables, t => t.Name == "examples").Rows;
        Assert.NotEmpty(rows);
        Assert.All(rows, r => Assert.Equal(0, Math.IEEERemainder(r[3].Number!.Value - r[2].Number!.Value, 0.25), 1e-5));
    }

    [Fact]
    public void Surrogate_OfWhatItCanSay_IsPerfect()
    {
        TreeNode[] stump = [new(BranchMode.LessOrEqual, 1, 0.3f, 1, 2, false, 0), new(BranchMode.Leaf, 0, 0, 1, 1, false, 0.2f), new(BranchMode.Leaf, 0, 0, 2, 2, false, 0.7f)];
        var result = Inputs.Run("explainability.surrogate", Input([], new TreeEnsemble(Features, stump, new[] { 0 }, 0, TreeLink.Identity)));
        Assert.InRange(result.Value("tree_r_squared"), 0.95, 1);
        Assert.InRange(result.Value("linear_r_squared"), 0.2, 0.9);
    }

    [Fact]
    public void FeatureEffects_LinearModel_CurvesAreItsSlopes()
    {
        var result = Inputs.Run("explainability.feature_effects", Input([], new Slope()));
        var income = result.Tables[0].Rows.Where(r => r[0].Text == "income").ToArray();
        foreach (var (before, after) in income.Zip(income.Skip(1)))
        {
            var step = 0.01 * (after[1].Number - before[1].Number)!.Value;
            Assert.Equal(step, (after[2].Number - before[2].Number)!.Value, 1e-9);
            Assert.Equal(step, (after[3].Number - before[3].Number)!.Value, 1e-9);
        }

        Assert.Equal(0, result.Value("partial_dependence_range", "feature=debt"), 1e-12);
        Assert.Equal(0, result.Value("against_mean_share", "feature=income"));
    }

    /// <summary>Grouped and single players, whole catalogue of explanations, on trees: any sharding, one digest.</summary>
    [Fact]
    public void Trees_AnyShards_SameDigest()
    {
        foreach (var check in CheckCatalogue.All.Where(c => c.Descriptor.Family is CheckFamily.Explainability))
        {
            Dictionary<string, FeatureRule> rules = new() { ["income"] = new() { Group = "money", Monotone = Direction.Down }, ["debt"] = new() { Group = "money" } };
            Assert.Equal(Inputs.Run(check, Input(rules)).ComputeDigest(), Inputs.Run(check, Input(rules), 13).ComputeDigest());
        }
    }

    private static CheckInput Input(Dictionary<string, FeatureRule> rules, IScorer? model = null) => new()
    {
        Evaluation = Inputs.PortfolioTable(9, 600, dirty: false),
        Training = Inputs.PortfolioTable(10, 600, dirty: false),
        Model = model ?? Trees,
        Threshold = 0.5,
        FavourablePrediction = 0,
        ReferenceGroups = Inputs.References,
        FeatureRules = rules,
        Seed = 9,
    };

    private sealed class Slope : IScorer
    {
        public IReadOnlyList<string> Features => ExplainabilityCheckTests.Features;

        public void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken)
        {
            for (var r = 0; r < scores.Length; r++)
            {
                scores[r] = 0.5 + (0.01 * features[3 * r]);
            }
        }
    }
}

using Governance.Checks.Statistics;
using Governance.Core.Evidence;
using Governance.Data;
using Governance.Models;
using Governance.Models.Trees;

namespace Governance.Checks.Tests.Support;

/// <summary>Builds inputs of checks.</summary>
internal static class Inputs
{
    public static readonly IReadOnlyDictionary<string, string> References =
        new Dictionary<string, string> { ["sex"] = "male", ["region"] = "north" };

    /// <summary>A seeded portfolio of two numeric features, a flag, two protected attributes, some missing values, scores and labels.</summary>
    public static CheckInput Portfolio(int seed, int rows, int trainingRows, bool dirty) => new()
    {
        Evaluation = PortfolioTable(seed, rows, dirty),
        Training = PortfolioTable(seed + 1, trainingRows, dirty),
        Model = new LinearScorer(["income", "debt", "flag"], [-1.1, 0.9, 0.5], -0.4),
        Champion = new LinearScorer(["debt", "income"], [0.7, -0.8], -0.2),
        Alternatives = new Dictionary<string, IScorer> { ["without flag"] = new LinearScorer(["income", "debt"], [-1, 0.8], -0.1), ["debt only"] = new LinearScorer(["debt"], [0.9], -0.2) },
        Threshold = 0.5,
        FavourablePrediction = 0,
        ReferenceGroups = References,
        Seed = seed,
        FeatureRules = new Dictionary<string, FeatureRule> { ["flag"] = new FeatureRule { IsProhibited = true } },
        Parameters = new Dictionary<string, IReadOnlyDictionary<string, double>>
        {
            ["validation.discrimination"] = new Dictionary<string, double> { ["bootstrap_replicates"] = 20 },
            ["validation.calibration"] = new Dictionary<string, double> { ["bootstrap_replicates"] = 20 },
            ["explainability.permutation_importance"] = new Dictionary<string, double> { ["replicates"] = 2, ["max_rows"] = 150 },
            ["robustness.perturbation"] = new Dictionary<string, double> { ["replicates"] = 2, ["max_rows"] = 150 },
            ["privacy.reference_attack"] = new Dictionary<string, double> { ["shadow_models"] = 4, ["max_rows"] = 60, ["recipe"] = 0 },
            ["privacy.attribute_inference"] = new Dictionary<string, double> { ["max_rows"] = 120 },
            ["privacy.epsilon_floor"] = new Dictionary<string, double> { ["claimed_epsilon"] = 1 },
            ["privacy.dp_accountant"] = new Dictionary<string, double> { ["claimed_epsilon"] = 1, ["noise_multiplier"] = 3 },
            ["fairness.subgroup_scan"] = new Dictionary<string, double> { ["replicates"] = 19, ["restarts"] = 2, ["max_rows"] = 100 },
            ["validation.alert_budget"] = new Dictionary<string, double> { ["bootstrap_replicates"] = 20 },
            ["validation.regression"] = new Dictionary<string, double> { ["bootstrap_replicates"] = 20 },
            ["robustness.certified_radius"] = new Dictionary<string, double> { ["max_rows"] = 60 },
            ["robustness.evasion"] = new Dictionary<string, double> { ["max_rows"] = 40, ["probes"] = 6 },
            ["robustness.worst_case_shift"] = new Dictionary<string, double> { ["bootstrap_replicates"] = 20 },
            ["privacy.table_disclosure"] = new Dictionary<string, double> { ["draws"] = 3 },
        },
    };

    /// <summary>The same with trees, for checks that read them.</summary>
    public static CheckInput For(string check, int seed, int rows, int trainingRows, bool dirty) =>
        ReadsTrees(check) ? Portfolio(seed, rows, trainingRows, dirty).With(Trees()) : Portfolio(seed, rows, trainingRows, dirty);

    public static bool ReadsTrees(string check) => check is "privacy.leaf_disclosure" or "robustness.certified_radius";

    /// <summary>Three small trees over the portfolio's features.</summary>
    public static TreeEnsemble Trees(params ReadOnlySpan<string> features)
    {
        static TreeNode Branch(int feature, float threshold, int yes, int no, bool missingYes) => new(BranchMode.LessOrEqual, feature, threshold, yes, no, missingYes, 0);
        static TreeNode Leaf(float weight) => new(BranchMode.Leaf, 0, 0, 0, 0, false, weight);
        TreeNode[] nodes =
        [
            Branch(0, 0.05f, 1, 2, true), Leaf(0.9f), Branch(1, 0.4f, 3, 4, false), Leaf(-1.1f), Leaf(0.2f),
            Branch(1, -0.3f, 6, 7, true), Leaf(-0.6f), Leaf(0.5f),
            Branch(2, 0.5f, 9, 10, false), Leaf(-0.4f), Leaf(0.3f),
        ];
        return new TreeEnsemble(features.Length == 0 ? ["income", "debt", "flag"] : [.. features], nodes, new[] { 0, 5, 8 }, -0.1, TreeLink.Logistic);
    }

    /// <summary>The input on other evaluation data.</summary>
    public static CheckInput On(this CheckInput input, DataTable evaluation) => new()
    {
        Evaluation = evaluation,
        Training = input.Training,
        Model = input.Model,
        Champion = input.Champion,
        Alternatives = input.Alternatives,
        Threshold = input.Threshold,
        FavourablePrediction = input.FavourablePrediction,
        ReferenceGroups = input.ReferenceGroups,
        Seed = input.Seed,
        FeatureRules = input.FeatureRules,
        Parameters = input.Parameters,
    };

    /// <summary>The input with another model.</summary>
    public static CheckInput With(this CheckInput input, IScorer model) => new()
    {
        Evaluation = input.Evaluation,
        Training = input.Training,
        Model = model,
        Champion = input.Champion,
        Alternatives = input.Alternatives,
        Threshold = input.Threshold,
        FavourablePrediction = input.FavourablePrediction,
        ReferenceGroups = input.ReferenceGroups,
        Seed = input.Seed,
        FeatureRules = input.FeatureRules,
        Parameters = input.Parameters,
    };

    public static DataTable PortfolioTable(int seed, int rows, bool dirty)
    {
        var random = SplitMix64.For(seed, 1);
        float[] income = new float[rows], debt = new float[rows], flag = new float[rows];
        double[] label = new double[rows], reference = new double[rows];
        int[] sex = new int[rows], region = new int[rows];
        for (var i = 0; i < rows; i++)
        {
            income[i] = dirty && random.NextBelow(20) == 0 ? float.NaN : (float)Math.Round(random.NextNormal(), 1);
            debt[i] = (float)random.NextNormal();
            flag[i] = random.NextBelow(2);
            var p = 1 / (1 + Math.Exp((1.1 * (float.IsNaN(income[i]) ? 0 : income[i])) - (0.9 * debt[i]) - (0.5 * flag[i]) + 0.4));
            reference[i] = p;
            label[i] = dirty && random.NextBelow(30) == 0 ? (random.NextBelow(2) == 0 ? double.NaN : 2) : random.NextUniform() < p ? 1 : 0;
            sex[i] = dirty && random.NextBelow(25) == 0 ? -1 : random.NextBelow(2);
            region[i] = random.NextBelow(10) == 0 ? 0 : 1 + random.NextBelow(2);
        }

        return new DataTable([
            new Float32Column("income", ColumnRole.Feature, income), new Float32Column("debt", ColumnRole.Feature, debt), new Float32Column("flag", ColumnRole.Feature, flag),
            new CategoryColumn("sex", ColumnRole.Protected, sex, ["female", "male"]), new CategoryColumn("region", ColumnRole.Protected, region, ["isles", "north", "south"]),
            new Float64Column("label", ColumnRole.Label, label), new Float64Column("reference", ColumnRole.ReferenceScore, reference),
            new Float64Column("origin=a", ColumnRole.GroupProbability, Array.ConvertAll(income, v => float.IsNaN(v) ? double.NaN : v > 0 ? 0.8 : 0.25)),
            new Float64Column("origin=b", ColumnRole.GroupProbability, Array.ConvertAll(income, v => v > 0 ? 0.2 : 0.75)),
        ]);
    }

    /// <summary>Scores and labels as given; one protected attribute <c>sex</c> when groups are given.</summary>
    public static CheckInput Scored(double[] scores, double[] labels, string[]? groups = null, double threshold = 0.5, int favourable = 0, string reference = "male") => new()
    {
        Evaluation = ScoredTable(0, labels, groups),
        Model = new StoredScorer(scores),
        Threshold = threshold,
        FavourablePrediction = favourable,
        ReferenceGroups = new Dictionary<string, string> { ["sex"] = reference },
        Seed = 7,
    };

    public static DataTable ScoredTable(int firstRow, double[] labels, string[]? groups = null)
    {
        var columns = new List<DataColumn>
        {
            new Float32Column(StoredScorer.RowFeature, ColumnRole.Feature, Enumerable.Range(firstRow, labels.Length).Select(i => (float)i).ToArray()),
            new Float64Column("label", ColumnRole.Label, labels),
        };
        if (groups is not null)
        {
            columns.Add(Category("sex", groups));
        }

        return new DataTable(columns);
    }

    public static CategoryColumn Category(string name, IReadOnlyList<string> words)
    {
        var levels = words.Where(w => w.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return new CategoryColumn(name, ColumnRole.Protected, words.Select(w => w.Length == 0 ? -1 : Array.IndexOf(levels, w)).ToArray(), levels);
    }

    public static CheckResult Run(ICheck check, CheckInput input, int shards = 1)
    {
        Assert.Null(check.WhyNotApplicable(input));
        var rows = input.Evaluation.RowCount;
        var states = Enumerable.Range(0, shards)
            .Select(i => new RowRange(i * rows / shards, ((i + 1) * rows / shards) - (i * rows / shards)))
            .Select(r => check.Map(input, r, TestContext.Current.CancellationToken)).ToArray();
        return check.Reduce(input, states, TestContext.Current.CancellationToken);
    }

    public static CheckResult Run(string check, CheckInput input) => Run(CheckCatalogue.Find(check)!, input);

    public static Measure Get(this CheckResult result, string name, string? group = null) =>
        Assert.Single(result.Measures, m => m.Name == name && m.Group == group);

    public static double Value(this CheckResult result, string name, string? group = null)
    {
        var measure = result.Get(name, group);
        Assert.True(measure.Value is not null, $"{name} {group}: {measure.Status}, {measure.Note}");
        return measure.Value.Value;
    }
}

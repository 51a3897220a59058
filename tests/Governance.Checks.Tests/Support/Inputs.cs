using Governance.Checks.Statistics;
using Governance.Core.Evidence;
using Governance.Data;
using Governance.Models;

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
        Threshold = 0.5,
        FavourablePrediction = 0,
        ReferenceGroups = References,
        Seed = seed,
        Parameters = new Dictionary<string, IReadOnlyDictionary<string, double>>
        {
            ["validation.discrimination"] = new Dictionary<string, double> { ["bootstrap_replicates"] = 20 },
            ["validation.calibration"] = new Dictionary<string, double> { ["bootstrap_replicates"] = 20 },
            ["explainability.permutation_importance"] = new Dictionary<string, double> { ["replicates"] = 2, ["max_rows"] = 150 },
            ["robustness.perturbation"] = new Dictionary<string, double> { ["replicates"] = 2, ["max_rows"] = 150 },
        },
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

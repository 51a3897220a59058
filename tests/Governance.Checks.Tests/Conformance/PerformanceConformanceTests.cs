using System.Text.Json.Nodes;
using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;
using Governance.Testing;

namespace Governance.Checks.Tests.Conformance;

/// <summary>Performance, calibration and drift against scikit-learn and scipy, from the stored scores: 1e-9.</summary>
[Trait("Category", SharedMaterial.Conformance)]
public sealed class PerformanceConformanceTests
{
    private const double Tolerance = 1e-9;
    private static readonly string[] Counts = ["n", "positives", "threshold", "tp", "fp", "tn", "fn"];

    public static TheoryData<string?, string?> CasesAndModels => CaseFile.CasesAndModels();

    public static TheoryData<string?> Cases => CaseFile.Cases();

    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void Discrimination_AllFiguresOfExpected(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        var result = Inputs.Run("validation.discrimination", file.Scored(model!));
        var expected = file.Models[model!]!["performance"]!["values"]!.AsObject();
        foreach (var (figure, value) in expected.Where(e => !Counts.Contains(e.Key)))
        {
            var measure = result.Get(figure);
            Close((double)value!, measure.Value!.Value, figure);
            Assert.True(measure.Lower <= measure.Value && measure.Value <= measure.Upper, $"{figure} has no interval around it");
        }

        Assert.Equal((long)expected["n"]!, result.Get("auc").Count);
        var confusion = result.Tables.Single(t => t.Name == "confusion").Rows;
        Assert.Equal(
            [(double)expected["tn"]!, (double)expected["fp"]!, (double)expected["fn"]!, (double)expected["tp"]!],
            [confusion[0][1].Number!.Value, confusion[0][2].Number!.Value, confusion[1][1].Number!.Value, confusion[1][2].Number!.Value]);
    }

    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void Calibration_BothBinnings(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        var result = Inputs.Run("validation.calibration", file.Scored(model!));
        var expected = file.Models[model!]!["calibration"]!;
        Compare("calibration", expected["quantile_10"]!);
        Compare("calibration_uniform", expected["uniform_10"]!);

        void Compare(string table, JsonNode curve)
        {
            var rows = result.Tables.Single(t => t.Name == table).Rows;
            double[] means = Values(curve["mean_score"]!), fractions = Values(curve["fraction_positive"]!);
            Assert.Equal(means.Length, rows.Count);
            for (var i = 0; i < means.Length; i++)
            {
                Close(means[i], rows[i][2].Number!.Value, $"{table} mean {i}");
                Close(fractions[i], rows[i][3].Number!.Value, $"{table} fraction {i}");
                Assert.True(rows[i][4].Number <= fractions[i] && fractions[i] <= rows[i][5].Number);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Drift_KolmogorovSmirnovAndWasserstein(string? name)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        var result = Inputs.Run("validation.drift", file.Features());
        foreach (var (feature, values) in file.Expected["drift_train_vs_test"]!["features"]!.AsObject())
        {
            Close((double)values!["ks"]!, result.Value("ks", $"feature={feature}"), $"ks {feature}");
            var wasserstein = (double)values["wasserstein"]!;
            Assert.Equal(wasserstein, result.Value("wasserstein", $"feature={feature}"), Tolerance * Math.Max(1, wasserstein));

            // scipy's p-value is exact or of finite size; ours is its limit, larger by no more than this at these sizes.
            Assert.Equal((double)values["ks_p"]!, result.Get("ks", $"feature={feature}").PValue!.Value, 0.02);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Stability_FrozenBinsCoverEveryRow(string? name)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var input = CaseFile.Of(name!).Features();
        var result = Inputs.Run("validation.stability", input);
        foreach (var bins in result.Tables.Single(t => t.Name == "psi_bins").Rows.GroupBy(r => r[0].Text))
        {
            Assert.Equal(input.Training!.RowCount, bins.Sum(b => b[2].Number));
            Assert.Equal(input.Evaluation.RowCount, bins.Sum(b => b[3].Number));
        }

        // Train and test are a random split: the score of a constant model cannot move, and few features may.
        Assert.Equal(0, result.Value("psi_score"));
        Assert.True(result.Value("features_beyond_critical") <= Math.Max(3, 0.2 * input.Model.Features.Count));
    }

    [Fact]
    public void VendorScore_PublishedErrorRatesAndAuc()
    {
        SharedMaterial.SkipUnlessPresent("cases/compas/vendor_scores.csv");
        var file = CaseFile.Of("compas");
        var columns = file.Columns("vendor_scores.csv");
        var label = columns.First(c => c.Value.All(v => v is "0" or "1")).Value.Select(CaseFile.Number).ToArray();
        double[] Deciles(Func<int, bool> keep) => [.. columns["vendor_decile_score"].Where((_, i) => keep(i)).Select(v => CaseFile.Number(v) / 10)];
        double[] Labels(Func<int, bool> keep) => [.. label.Where((_, i) => keep(i))];

        double Auc(Func<int, bool> keep) => Inputs.Run("validation.discrimination", Inputs.Scored(Deciles(keep), Labels(keep))).Value("auc");
        Assert.Equal(0.702166, Auc(_ => true), 5e-7);
        Assert.Equal(0.691834, Auc(i => columns["race"][i] == "African-American"), 5e-7);
        Assert.Equal(0.693146, Auc(i => columns["race"][i] == "Caucasian"), 5e-7);

        var rates = Inputs.Run("fairness.group_rates", Inputs.Scored(Deciles(_ => true), label, columns["race"], threshold: 0.45, favourable: 1, reference: "Caucasian"));
        var published = file.Expected["vendor_score_published"]!["published"]!.AsObject();
        foreach (var (race, values) in published)
        {
            Assert.Equal((double)values!["false_positive_rate"]!, 100 * rates.Value("false_positive_rate", $"sex={race}"), 0.005001);
            Assert.Equal((double)values["false_negative_rate"]!, 100 * rates.Value("false_negative_rate", $"sex={race}"), 0.005001);
        }

        var cells = rates.Tables.Single(t => t.Name == "group_rates").Rows.ToDictionary(r => r[1].Text!, r => r.TakeLast(4).Select(c => c.Number!.Value).ToArray());
        Assert.Equal([1369, 805, 990, 532], cells["African-American"]);
        Assert.Equal([505, 349, 1139, 461], cells["Caucasian"]);
        Assert.Equal([2035, 1282, 2681, 1216], Enumerable.Range(0, 4).Select(k => cells.Values.Sum(v => v[k])));
    }

    private static double[] Values(JsonNode array) => [.. array.AsArray().Select(v => (double)v!)];

    private static void Close(double expected, double actual, string what) =>
        Assert.True(Math.Abs(expected - actual) <= Tolerance, FormattableString.Invariant($"{what}: expected {expected}, got {actual}"));
}

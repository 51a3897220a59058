using Governance.Checks.Statistics;
using Governance.Checks.Tests.Support;
using Governance.Data;
using Governance.Models;

namespace Governance.Checks.Tests;

public sealed class FairnessSearchTests
{
    /// <summary>Probabilities of 0 and 1 are groups: ratio and interval are Katz's.</summary>
    [Fact]
    public void ProbabilisticGroups_CertainGroups_KatzExactly()
    {
        var result = Inputs.Run("fairness.probabilistic_groups", Inferred(1, 400, certain: true));
        var ratio = result.Get("adverse_impact_ratio", "origin=a");
        var (a, n, c, m) = Counted(Inferred(1, 400, certain: true));
        var katz = Proportion.Katz(a, n, c, m, 0.95)!.Value;
        Assert.Equal((double)a / n / ((double)c / m), ratio.Value!.Value, 1e-12);
        Assert.Equal(katz.Lower, ratio.Lower!.Value, 1e-12);
        Assert.Equal(katz.Upper, ratio.Upper!.Value, 1e-12);
    }

    /// <summary>Where decisions depend on the probability alone, the interval covers the ratio of the weighted rates.</summary>
    [Fact]
    public void ProbabilisticGroups_UncertainGroups_IntervalCovers()
    {
        const int Studies = 400;
        var covered = 0;
        for (var i = 0; i < Studies; i++)
        {
            // Half the people have probability 0.9 and are selected with 0.4, half 0.2 and 0.7.
            var ratio = Inputs.Run("fairness.probabilistic_groups", Inferred(100 + i, 300, certain: false)).Get("adverse_impact_ratio", "origin=a");
            const double Truth = (((0.9 * 0.4) + (0.2 * 0.7)) / 1.1) / (((0.1 * 0.4) + (0.8 * 0.7)) / 0.9);
            covered += ratio.Lower <= Truth && Truth <= ratio.Upper ? 1 : 0;
        }

        Assert.InRange((double)covered / Studies, 0.95 - (4 * Math.Sqrt(0.95 * 0.05 / Studies)), 0.99);
    }

    /// <summary>Events twice as likely for young women of one region, and for nobody else.</summary>
    [Fact]
    public void SubgroupScan_PlantedGroup_IsFoundAndSoundScoresAreNot()
    {
        var planted = Inputs.Run("fairness.subgroup_scan", Population(3, planted: true));
        var more = planted.Get("scan_score", "direction=more");
        Assert.True(more.AdjustedPValue <= 0.1, planted.Summary);
        Assert.Contains("sex in {female}", more.Note, StringComparison.Ordinal);
        Assert.Contains("region in {north}", more.Note, StringComparison.Ordinal);
        Assert.True(planted.Value("subgroup_observed_over_expected", "direction=more") > 1.5);

        Assert.True(Inputs.Run("fairness.subgroup_scan", Population(4, planted: false)).Get("scan_score", "direction=more").PValue > 0.05);
    }

    /// <summary>Calibrated scores: the scan's p-value is small no more often than it says.</summary>
    [Fact]
    public void SubgroupScan_CalibratedScores_HoldsLevel()
    {
        const int Studies = 100;
        var small = Enumerable.Range(0, Studies).Count(i => Inputs.Run("fairness.subgroup_scan", Population(500 + i, planted: false, rows: 150)).Get("scan_score", "direction=more").PValue <= 0.1);
        Assert.InRange((double)small / Studies, 0, 0.1 + (3 * Math.Sqrt(0.09 / Studies)));
    }

    /// <summary>An alternative without the proxy ranks as well and treats groups alike: it is chosen, and holds on rows that did not choose it.</summary>
    [Fact]
    public void Alternatives_ModelWithoutProxy_IsChosen()
    {
        var random = SplitMix64.For(12, 3);
        const int Rows = 3000;
        float[] merit = new float[Rows], proxy = new float[Rows];
        var sex = new string[Rows];
        var labels = new double[Rows];
        for (var i = 0; i < Rows; i++)
        {
            sex[i] = random.NextBelow(2) == 0 ? "female" : "male";
            merit[i] = (float)random.NextNormal();
            proxy[i] = (float)random.NextNormal() + (sex[i] == "female" ? 1 : -1);
            labels[i] = random.NextUniform() < 1 / (1 + Math.Exp(-2 * merit[i])) ? 1 : 0;
        }

        var input = new CheckInput
        {
            Evaluation = new DataTable([new Float32Column("merit", ColumnRole.Feature, merit), new Float32Column("proxy", ColumnRole.Feature, proxy), Inputs.Category("sex", sex), new Float64Column("label", ColumnRole.Label, labels)]),
            Model = new LinearScorer(["merit", "proxy"], [2, 0.6], 0),
            Alternatives = new Dictionary<string, IScorer> { ["plain"] = new LinearScorer(["merit"], [2], 0), ["useless"] = new LinearScorer(["merit"], [-0.1], 0) },
            Threshold = 0.5,
            FavourablePrediction = 0,
            ReferenceGroups = Inputs.References,
            Seed = 5,
        };
        var result = Inputs.Run("fairness.alternatives", input);
        Assert.Contains("plain at", result.Get("alternative_min_ratio").Note, StringComparison.Ordinal);
        Assert.True(result.Value("alternative_min_ratio") > result.Value("present_min_ratio") + 0.15, result.Summary);
        Assert.True(result.Get("utility_difference").Upper > 0, result.Summary);
        Assert.DoesNotContain(result.Tables.Single().Rows, r => r[0].Text!.StartsWith("useless", StringComparison.Ordinal) && r[1].Number > 0.6);
    }

    private static CheckInput Inferred(long seed, int rows, bool certain)
    {
        var random = SplitMix64.For(seed, 6);
        double[] a = new double[rows], scores = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            a[i] = certain ? (i % 3 == 0 ? 1 : 0) : i % 2 == 0 ? 0.9 : 0.2;
            scores[i] = random.NextUniform() < (a[i] > 0.5 ? 0.4 : 0.7) ? 0.1 : 0.9;
        }

        return new CheckInput
        {
            Evaluation = new DataTable([
                .. Inputs.ScoredTable(0, new double[rows]).Columns, new Float64Column("origin=a", ColumnRole.GroupProbability, a), new Float64Column("origin=b", ColumnRole.GroupProbability, Array.ConvertAll(a, p => 1 - p)),
            ]),
            Model = new StoredScorer(scores),
            Threshold = 0.5,
            FavourablePrediction = 0,
            ReferenceGroups = new Dictionary<string, string> { ["origin"] = "b" },
        };
    }

    private static (long A, long N, long C, long M) Counted(CheckInput input)
    {
        var scores = input.EvaluationScores.ToArray();
        var a = ((Float64Column)input.Evaluation["origin=a"]).Values.ToArray();
        return (scores.Zip(a).Count(p => p is { First: < 0.5, Second: 1 }), a.Count(p => p == 1), scores.Zip(a).Count(p => p is { First: < 0.5, Second: 0 }), a.Count(p => p == 0));
    }

    private static CheckInput Population(long seed, bool planted, int rows = 1200)
    {
        var random = SplitMix64.For(seed, 7);
        string[] sex = new string[rows], region = new string[rows];
        double[] scores = new double[rows], labels = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            (sex[i], region[i], scores[i]) = (random.NextBelow(2) == 0 ? "female" : "male", random.NextBelow(3) switch { 0 => "north", 1 => "south", _ => "isles" }, 0.1 + (0.3 * random.NextUniform()));
            labels[i] = random.NextUniform() < (planted && sex[i] == "female" && region[i] == "north" ? 2 : 1) * scores[i] ? 1 : 0;
        }

        return new CheckInput
        {
            Evaluation = new DataTable([.. Inputs.ScoredTable(0, labels).Columns, Inputs.Category("sex", sex), Inputs.Category("region", region)]),
            Model = new StoredScorer(scores),
            Threshold = 0.5,
            FavourablePrediction = 0,
            ReferenceGroups = Inputs.References,
            Seed = 2,
            Parameters = new Dictionary<string, IReadOnlyDictionary<string, double>> { ["fairness.subgroup_scan"] = new Dictionary<string, double> { ["replicates"] = 19, ["restarts"] = 2 } },
        };
    }
}

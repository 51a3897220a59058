using Governance.Checks.Tests.Support;

namespace Governance.Checks.Tests;

/// <summary>Small vectors that peers publish with their results.</summary>
public sealed class PeerVectorTests
{
    /// <summary>The vector of fairlearn's user guide, "common fairness metrics", with what it prints there.</summary>
    [Fact]
    public void GroupRates_FairlearnUserGuide()
    {
        double[] labels = [0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1];
        double[] predictions = [0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0];
        string[] groups = ["b", "b", "a", "b", "b", "c", "c", "c", "a", "a", "c", "a", "b", "c", "c", "b", "c", "c"];
        var scored = Inputs.Scored([.. predictions.Select(p => p == 1 ? 0.9 : 0.1)], labels, groups, favourable: 1, reference: "a");
        var result = Inputs.Run("fairness.group_rates", new CheckInput
        {
            Evaluation = scored.Evaluation, Model = scored.Model, Threshold = scored.Threshold, FavourablePrediction = 1, ReferenceGroups = scored.ReferenceGroups,
            Parameters = new Dictionary<string, IReadOnlyDictionary<string, double>> { ["fairness.group_rates"] = new Dictionary<string, double> { ["min_group_size"] = 1 } },
        });

        Assert.Equal(0.25, result.Value("demographic_parity_difference"), 1e-12);
        Assert.Equal(2.0 / 3, result.Value("demographic_parity_ratio"), 1e-12);
        Assert.Equal(1, result.Value("equalized_odds_difference"), 1e-12);
    }

    /// <summary>The ten rows of AIF360's test_classification_metric.py: generalized entropy 0.2 and 0.3, Theil 4·ln 2/10, between groups 1/20·Σ(b² − 1) of group means 1, 1.25 and 0.75.</summary>
    [Fact]
    public void Inequality_Aif360Tests()
    {
        double[] labels = [1, 0, 0, 1, 0, 0, 1, 0, 1, 1];
        var first = Run([1, 0, 0, 0, 1, 1, 1, 0, 1, 0]);
        var second = Run([0, 1, 1, 0, 0, 0, 0, 1, 1, 1]);

        Assert.Equal(0.2, first.Value("generalized_entropy_index", "attribute=sex"), 1e-12);
        Assert.Equal(0.3, second.Value("generalized_entropy_index", "attribute=sex"), 1e-12);
        Assert.Equal(4 * Math.Log(2) / 10, first.Value("theil_index", "attribute=sex"), 1e-12);
        Assert.Equal(0.5 / 20, first.Value("between_group_generalized_entropy_index", "attribute=sex"), 1e-12);

        Core.Evidence.CheckResult Run(double[] predictions) => Inputs.Run("fairness.inequality",
            Inputs.Scored([.. predictions.Select(p => p == 1 ? 0.9 : 0.1)], labels, ["0", "0", "1", "1", "1", "1", "2", "2", "2", "2"], favourable: 1, reference: "0"));
    }
}

using System.IO.Enumeration;
using System.Text.Json.Nodes;
using Governance.Testing;

namespace Governance.Checks.Tests.Conformance;

/// <summary>
/// Every value of every case's expected.json is compared by a test named here, or left out for a reason given here. A new key, or an entry that no key matches, fails.
/// </summary>
[Trait("Category", SharedMaterial.Conformance)]
public sealed class CaseCoverageTests
{
    private const string Words = "Says how a value was made; no value.";
    private const string Framing = "models/*/fairness/attributes/*_framing/";
    private const string Against = "models/*/fairness/attributes/*/favourable_vs_reference/*/";
    private const string Native = "Of the peer's explainer; ours is held to its own additivity.";

    /// <summary>Pattern of keys (* is any text) to the test that compares them.</summary>
    private static readonly (string Pattern, string Test)[] Compared =
    [
        ("models/*/performance/values/*", nameof(PerformanceConformanceTests.Discrimination_AllFiguresOfExpected)),
        ("models/*/calibration/*_10/*", nameof(PerformanceConformanceTests.Calibration_BothBinnings)),
        ("drift_train_vs_test/features/*", nameof(PerformanceConformanceTests.Drift_KolmogorovSmirnovAndWasserstein)),
        ("vendor_score_published/published/*", nameof(PerformanceConformanceTests.VendorScore_PublishedErrorRatesAndAuc)),
        ("vendor_score_published/fairlearn/*", nameof(PeerAggregateTests.Fairlearn_VendorScore)),
        (Framing + "by_group/*", nameof(FairnessConformanceTests.GroupRates_EveryGroupInBothFramings)),
        (Framing + "overall/*", nameof(PeerAggregateTests.Fairlearn_EveryAggregateOfBothFramings)),
        (Framing + "*_difference", nameof(PeerAggregateTests.Fairlearn_EveryAggregateOfBothFramings)),
        (Framing + "*_difference_mean", nameof(PeerAggregateTests.Fairlearn_EveryAggregateOfBothFramings)),
        (Framing + "*_difference_to_overall", nameof(PeerAggregateTests.Fairlearn_EveryAggregateOfBothFramings)),
        (Framing + "*_ratio", nameof(PeerAggregateTests.Fairlearn_EveryAggregateOfBothFramings)),
        ("models/*/fairness/attributes/*/favourable_selection_rate_ci95_wilson/*", nameof(FairnessConformanceTests.GroupRates_EveryGroupInBothFramings)),
        ("models/*/fairness/attributes/*/score_by_group/values/*", nameof(FairnessConformanceTests.GroupScores_EqualScikitLearn)),
        ("models/*/fairness/attributes/*/reference_group", nameof(FairnessConformanceTests.Spreads_SmallGroupsLeftOut)),
        (Against + "scipy_significance/*", nameof(FairnessConformanceTests.AdverseImpact_EveryGroupAgainstReference)),
        (Against + "aif360/*_difference", nameof(PeerAggregateTests.Aif360_EveryFigureOfAGroupAgainstReference)),
        (Against + "aif360/*_ratio", nameof(PeerAggregateTests.Aif360_EveryFigureOfAGroupAgainstReference)),
        (Against + "aif360/disparate_impact", nameof(PeerAggregateTests.Aif360_EveryFigureOfAGroupAgainstReference)),
        (Against + "aif360/coefficient_of_variation", nameof(PeerAggregateTests.Aif360_EveryFigureOfAGroupAgainstReference)),
        (Against + "aif360/n_*privileged", nameof(PeerAggregateTests.Aif360_EveryFigureOfAGroupAgainstReference)),
        (Against + "aif360/*index*", nameof(FairnessConformanceTests.Inequality_EqualsAif360)),
        ("models/*/fairness/bootstrap/quantiles/*", nameof(PeerAggregateTests.Fairlearn_BootstrapIntervals_AreNearOurs)),
        ("models/*/fairness/bootstrap/attribute", nameof(PeerAggregateTests.Fairlearn_BootstrapIntervals_AreNearOurs)),
        ("models/*/fairness/bootstrap/selection_rate_*", nameof(PeerAggregateTests.Fairlearn_BootstrapIntervals_AreNearOurs)),
        ("models/*/fairness/intersectional/rows/*", nameof(FairnessConformanceTests.Intersections_EqualFairlearn)),
        ("models/*/fairness/intersectional/attributes/*", nameof(FairnessConformanceTests.Intersections_EqualFairlearn)),
        ("models/*/fairness/intersectional/selection_rate_*", nameof(PeerAggregateTests.Fairlearn_SpreadOverIntersections)),
        ("models/*/onnx_check/*diff*", nameof(OnnxConformanceTests.ParityAndMetricsFromOnnxScores)),
        ("models/*/onnx_check/closest_score_to_threshold", nameof(OnnxConformanceTests.ParityAndMetricsFromOnnxScores)),
        ("models/*/onnx_check/rows*", nameof(OnnxConformanceTests.ParityAndMetricsFromOnnxScores)),
        ("models/*/onnx_check/metrics_from_onnx_scores/*", nameof(OnnxConformanceTests.ParityAndMetricsFromOnnxScores)),
        ("models/*/first_200_probabilities/values/*", nameof(OnnxConformanceTests.ParityAndMetricsFromOnnxScores)),
        ("models/*/permutation_importance_auc/mean/*", nameof(OnnxConformanceTests.PermutationImportance_WithinSpreadOfScikitLearn)),
        ("models/*/permutation_importance_auc/std/*", nameof(OnnxConformanceTests.PermutationImportance_WithinSpreadOfScikitLearn)),
        ("models/*/partial_dependence/curves/*", nameof(ExplainabilityConformanceTests.PartialDependence_AgreesWithScikitLearn)),
        ("models/*/shap/*interventional_100/expected_value", "CaseShapTests"),
        ("models/*/shap/*interventional_100/values/*", "CaseShapTests"),
        ("models/*/shap/tree_path_dependent/expected_value", "CaseShapTests"),
        ("models/*/shap/tree_path_dependent/values/*", "CaseShapTests"),
        ("models/*/exact_shapley_probability/expected_value", "SamplingExplainerTests"),
        ("models/*/exact_shapley_probability/values/*", "SamplingExplainerTests"),
        ("rows/*", nameof(Rows_AreThoseOfTheFiles)),
    ];

    private static readonly (string Pattern, string Why)[] LeftOut =
    [
        ("*/by", Words),
        ("*/performance/by/*", Words),
        ("*_by", Words),
        ("case", Words),
        ("conventions/*", Words),
        ("tools/*", Words),
        ("vendor_score_published/decision", Words),
        ("vendor_score_published/file", Words),
        ("models/*/fairness/intersectional/columns/*", Words),
        ("models/*/shap/background", Words),
        ("models/*/shap/feature_order", Words),
        ("models/*/shap/inputs", Words),
        ("models/*/shap/link_from_sum", Words),
        ("models/*/shap/rows", Words),
        ("models/*/shap/space", Words),
        ("models/*/exact_shapley_probability/background", Words),
        ("models/*/exact_shapley_probability/rows", Words),
        ("models/*/exact_shapley_probability/space", Words),
        ("models/*/first_200_probabilities/rows", Words),
        ("models/*/onnx_check/outputs/*", "Names and shapes of the file's outputs: read by the scorer, whose scores are compared."),
        ("models/*/onnx_check/label_output_differs_from_native_predict", "Of the label output, which nobody reads: decisions are made from scores."),
        ("models/*/shap/*/max_additivity_error", Native),
        ("models/*/shap/*/max_abs_diff_to_exact_shapley", Native),
        ("models/*/exact_shapley_probability/max_additivity_error", Native),
    ];

    public static TheoryData<string?> Cases => CaseFile.Cases();

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryKey_IsComparedOrLeftOutForAReason(string? name)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var open = Keys(CaseFile.Of(name!).Expected).Where(k => !Compared.Any(c => Matches(c.Pattern, k)) && !LeftOut.Any(l => Matches(l.Pattern, k))).Take(20).ToList();
        Assert.True(open.Count == 0, $"Neither compared nor left out: {string.Join(", ", open)}");
    }

    [Fact]
    public void EveryEntry_MatchesAKey()
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var keys = SharedMaterial.CaseFolders().SelectMany(f => Keys(CaseFile.Of(Path.GetFileName(f)).Expected)).Distinct(StringComparer.Ordinal).ToList();
        Assert.All(Compared.Concat(LeftOut), e => Assert.Contains(keys, k => Matches(e.Pattern, k)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rows_AreThoseOfTheFiles(string? name)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        foreach (var part in new[] { "train", "test" })
        {
            Assert.Equal((int)file.Expected["rows"]![part]!, file.Columns($"{part}.csv")["label"].Length);
        }
    }

    private static bool Matches(string pattern, string key) => FileSystemName.MatchesSimpleExpression(pattern, key, ignoreCase: false);

    /// <summary>Paths of the leaves; positions of a list count as one.</summary>
    private static HashSet<string> Keys(JsonNode root)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        Walk(root, "");
        return keys;

        void Walk(JsonNode? node, string path)
        {
            switch (node)
            {
                case JsonObject members:
                    foreach (var (key, value) in members)
                    {
                        Walk(value, path.Length == 0 ? key : $"{path}/{key}");
                    }

                    break;
                case JsonArray items:
                    foreach (var item in items)
                    {
                        Walk(item, $"{path}/[]");
                    }

                    break;
                default:
                    keys.Add(path);
                    break;
            }
        }
    }
}

using System.Text.Json.Nodes;
using Governance.Checks.Statistics;
using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;
using Governance.Testing;

namespace Governance.Checks.Tests.Conformance;

/// <summary>Group rates, gaps, ratios and tests against fairlearn, AIF360 and scipy, from the stored scores: 1e-9, p-values 1e-9 relative.</summary>
[Trait("Category", SharedMaterial.Conformance)]
public sealed class FairnessConformanceTests
{
    private const double Tolerance = 1e-9;
    private static readonly string[] RateNames = ["selection_rate", "true_positive_rate", "false_positive_rate", "false_negative_rate", "accuracy", "precision", "base_rate"];

    public static TheoryData<string?, string?> CasesAndModels => CaseFile.CasesAndModels();

    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void GroupRates_EveryGroupInBothFramings(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        var result = Inputs.Run("fairness.group_rates", file.Scored(model!));
        foreach (var (attribute, block) in Attributes(file, model!))
        {
            CompareTable(result, "group_rates", attribute, block["favourable_framing"]!);
            CompareTable(result, "group_rates_event", attribute, block["event_framing"]!);
            foreach (var (group, bounds) in block["favourable_selection_rate_ci95_wilson"]!.AsObject())
            {
                var row = Row(result, "group_rates", attribute, group);
                Close((double)bounds![0]!, row["selection_rate_lower"].Number, $"{attribute}={group} Wilson lower");
                Close((double)bounds[1]!, row["selection_rate_upper"].Number, $"{attribute}={group} Wilson upper");
            }
        }
    }

    /// <summary>With every group admitted the spreads are the peers' own, wherever no rate is undefined; peers count 0/0 as 0, we do not.</summary>
    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void Spreads_EveryGroupAdmitted_EqualPeers(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        var result = Inputs.Run("fairness.group_rates", file.Scored(model!, EveryGroup));
        foreach (var (attribute, block) in Attributes(file, model!))
        {
            var framing = block["favourable_framing"]!;
            Close((double)framing["demographic_parity_difference"]!, result.Value("demographic_parity_difference", $"attribute={attribute}"), "difference");
            Close((double)framing["demographic_parity_ratio"]!, result.Value("demographic_parity_ratio", $"attribute={attribute}"), "ratio");
            Close((double)block["event_framing"]!["demographic_parity_ratio"]!, result.Value("event_demographic_parity_ratio", $"attribute={attribute}"), "event ratio");
            var groups = framing["by_group"]!.AsObject();
            var defined = groups.All(g => (int)g.Value!["tp"]! + (int)g.Value["fn"]! > 0 && (int)g.Value["fp"]! + (int)g.Value["tn"]! > 0);
            if (defined)
            {
                Close((double)framing["equalized_odds_difference"]!, result.Value("equalized_odds_difference", $"attribute={attribute}"), "odds");
                Close((double)block["event_framing"]!["equalized_odds_difference"]!, result.Value("equalized_odds_difference", $"attribute={attribute}"), "event odds");
            }
        }
    }

    /// <summary>By default groups below 30 rows (of the rate's own denominator) are left out: the same spreads over the peers' rates of the rest.</summary>
    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void Spreads_SmallGroupsLeftOut(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        var result = Inputs.Run("fairness.group_rates", file.Scored(model!));
        foreach (var (attribute, block) in Attributes(file, model!))
        {
            var groups = block["favourable_framing"]!["by_group"]!.AsObject();
            var reference = (string)block["reference_group"]!;
            Check("max_tpr_gap", "true_positive_rate", "tp", "fn");
            Check("max_fpr_gap", "false_positive_rate", "fp", "tn");

            void Check(string measure, string rate, string part, string rest)
            {
                var enough = groups.Where(g => (int)g.Value![part]! + (int)g.Value[rest]! >= 30).ToDictionary(g => g.Key, g => (double)g.Value![rate]!);
                var actual = result.Get(measure, $"attribute={attribute}");
                if (enough.Count < 2 || !enough.TryGetValue(reference, out var at))
                {
                    Assert.Equal(MeasureStatus.Insufficient, actual.Status);
                }
                else
                {
                    Close(enough.Values.Max(v => Math.Abs(v - at)), actual.Value, $"{measure} {attribute}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void AdverseImpact_EveryGroupAgainstReference(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        var impact = Inputs.Run("fairness.adverse_impact", file.Scored(model!, EveryGroup));
        var rates = Inputs.Run("fairness.group_rates", file.Scored(model!, EveryGroup));
        var strict = Inputs.Run("fairness.adverse_impact", file.Scored(model!));
        foreach (var (attribute, block) in Attributes(file, model!))
        {
            foreach (var (group, values) in block["favourable_vs_reference"]!.AsObject().Where(g => g.Key != "__all_others__"))
            {
                var label = $"{attribute}={group}";
                var aif = values!["aif360"]!;
                var counts = values["scipy_significance"]!["table_selected_notselected_ref_then_group"]!;
                var measure = impact.Get("adverse_impact_ratio", label);
                Close((double?)aif["disparate_impact"], measure.Value, $"{label} disparate impact");
                Close((double?)aif["statistical_parity_difference"], rates.Value("selection_rate_gap", label), $"{label} parity difference");
                var tpr = rates.Get("true_positive_rate_gap", label);
                if (aif["equal_opportunity_difference"] is { } opportunity)
                {
                    Close((double)opportunity, tpr.Value, $"{label} equal opportunity");
                }
                else
                {
                    Assert.Equal(MeasureStatus.Undefined, tpr.Status);
                }

                if (aif["false_positive_rate_difference"] is { } fpr)
                {
                    Close((double)fpr, rates.Value("false_positive_rate_gap", label), $"{label} false positives");
                }

                CompareTests(measure, counts, values["scipy_significance"]!, label);
                var size = (long)counts[1]![0]! + (long)counts[1]![1]!;
                Assert.Equal(size >= 30 ? MeasureStatus.Ok : MeasureStatus.Insufficient, strict.Get("adverse_impact_ratio", label).Status);
            }
        }

        var ok = strict.Measures.Where(m => m.Name == "adverse_impact_ratio" && m.Value is not null).ToArray();
        Assert.Equal(ok.Min(m => m.Value), strict.Get("min_adverse_impact_ratio").Value);
    }

    /// <summary>AUC, Brier and mean of the score within groups of at least 30, against scikit-learn.</summary>
    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void GroupScores_EqualScikitLearn(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        var result = Inputs.Run("fairness.group_scores", file.Scored(model!));
        foreach (var (attribute, block) in Attributes(file, model!))
        {
            foreach (var (group, expected) in block["score_by_group"]!["values"]!.AsObject())
            {
                if (result.Get("mean_score", $"{attribute}={group}").Status == MeasureStatus.Insufficient)
                {
                    Assert.True((double)block["favourable_framing"]!["by_group"]![group]!["count"]! < 30);
                    continue;
                }

                foreach (var (figure, value) in expected!.AsObject())
                {
                    Close((double?)value, result.Value(figure, $"{attribute}={group}"), $"{attribute}={group} {figure}");
                }
            }
        }
    }

    /// <summary>AIF360's indices of benefit with all other groups together; between-group parts where there are just two groups, as AIF360 has them.</summary>
    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void Inequality_EqualsAif360(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        var result = Inputs.Run("fairness.inequality", file.Scored(model!));
        foreach (var (attribute, block) in Attributes(file, model!))
        {
            // With two groups "all others" is the other group.
            var against = block["favourable_vs_reference"]!.AsObject();
            var expected = (against["__all_others__"] ?? against.Single().Value)!["aif360"]!;
            var whole = $"attribute={attribute}";
            Close((double?)expected["theil_index"], result.Value("theil_index", whole), "Theil");
            Close((double?)expected["generalized_entropy_index_alpha2"], result.Value("generalized_entropy_index", whole), "entropy");
            if (block["favourable_framing"]!["by_group"]!.AsObject().Count == 2)
            {
                Close((double?)expected["between_group_theil_index"], result.Value("between_group_theil_index", whole), "between Theil");
                Close((double?)expected["between_group_generalized_entropy_index"], result.Value("between_group_generalized_entropy_index", whole), "between entropy");
            }
        }
    }

    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void Intersections_EqualFairlearn(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        var expected = file.Models[model!]!["fairness"]!["intersectional"];
        if (expected is null)
        {
            return;
        }

        var result = Inputs.Run("fairness.intersectional", file.Scored(model!));
        var pair = string.Join('&', expected["attributes"]!.AsArray().Select(a => (string)a!));
        var cells = result.Tables.Single().Rows.Where(r => r[0].Text == pair).ToDictionary(r => r[1].Text!);
        foreach (var row in expected["rows"]!.AsArray().Where(r => r![2] is not null))
        {
            var cell = cells[$"{(string)row![0]!}&{(string)row[1]!}"];
            Assert.Equal((double)row[2]!, cell[2].Number);
            Close((double?)row[3], cell[3].Number, "selection rate");
            Close((double?)row[4], cell[6].Number ?? 0, "true positive rate");
            Close((double?)row[5], cell[7].Number ?? 0, "false positive rate");
        }

        Assert.Equal(expected["rows"]!.AsArray().Count(r => r![2] is not null), cells.Count);
    }

    /// <summary>The test reported is the one of the stated rule, and both tests equal scipy's whichever was reported.</summary>
    private static void CompareTests(Measure measure, JsonNode counts, JsonNode scipy, string label)
    {
        var table = new FourfoldTable((long)counts[1]![0]!, (long)counts[1]![1]!, (long)counts[0]![0]!, (long)counts[0]![1]!);
        Relative((double?)scipy["fisher_exact_two_sided_p"], table.FisherPValue(), $"{label} Fisher");
        if (scipy["chi2_yates_p"] is { } yates)
        {
            Relative((double)yates, table.ChiSquaredPValue(yates: true), $"{label} Yates");
            Relative((double?)scipy["chi2_no_correction_p"], table.ChiSquaredPValue(yates: false), $"{label} chi-squared");
            Relative((double?)scipy["chi2_no_correction"], table.ChiSquared(yates: false), $"{label} statistic");
        }

        Relative((double?)scipy[table.SmallestCell < 30 ? "fisher_exact_two_sided_p" : "chi2_yates_p"], measure.PValue, $"{label} reported");
    }

    private static readonly Dictionary<string, IReadOnlyDictionary<string, double>> EveryGroup = new()
    {
        ["fairness.group_rates"] = new Dictionary<string, double> { ["min_group_size"] = 1 },
        ["fairness.adverse_impact"] = new Dictionary<string, double> { ["min_group_size"] = 1 },
    };

    private static IEnumerable<KeyValuePair<string, JsonNode>> Attributes(CaseFile file, string model) =>
        file.Models[model]!["fairness"]!["attributes"]!.AsObject().Select(a => KeyValuePair.Create(a.Key, a.Value!));

    private static void CompareTable(CheckResult result, string table, string attribute, JsonNode framing)
    {
        foreach (var (group, expected) in framing["by_group"]!.AsObject())
        {
            var row = Row(result, table, attribute, group);
            Assert.Equal((double)expected!["count"]!, row["count"].Number);
            foreach (var cell in new[] { "tp", "fp", "tn", "fn" })
            {
                Assert.Equal((double)expected[cell]!, row[cell].Number);
            }

            foreach (var rate in RateNames)
            {
                // An empty denominator is nothing here and zero in the peers' tables.
                Close((double?)expected[rate], row[rate].Number ?? 0, $"{table} {attribute}={group} {rate}");
            }
        }
    }

    private static Dictionary<string, Cell> Row(CheckResult result, string table, string attribute, string group)
    {
        var found = result.Tables.Single(t => t.Name == table);
        var row = found.Rows.Single(r => r[0].Text == attribute && r[1].Text == group);
        return found.Columns.Zip(row).ToDictionary(p => p.First.Name, p => p.Second);
    }

    private static void Close(double? expected, double? actual, string what) =>
        Assert.True(Math.Abs(expected!.Value - actual!.Value) <= Tolerance, FormattableString.Invariant($"{what}: expected {expected}, got {actual}"));

    private static void Relative(double? expected, double? actual, string what) =>
        Assert.True(Math.Abs(expected!.Value - actual!.Value) <= Tolerance * Math.Max(Math.Abs(expected.Value), 1e-290), FormattableString.Invariant($"{what}: expected {expected}, got {actual}"));
}

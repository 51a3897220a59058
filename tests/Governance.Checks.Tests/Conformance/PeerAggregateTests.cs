using System.Text.Json.Nodes;
using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;
using Governance.Testing;

namespace Governance.Checks.Tests.Conformance;

/// <summary>
/// What fairlearn and AIF360 make of group rates (differences, ratios, averages, the whole), made from the rates and counts of our tables: 1e-9. Peers count 0/0 as 0.
/// </summary>
[Trait("Category", SharedMaterial.Conformance)]
public sealed class PeerAggregateTests
{
    private const double Tolerance = 1e-9;

    /// <summary>fairlearn's name of a spread, and the rate it is over.</summary>
    private static readonly (string Name, string Rate)[] Spreads =
    [
        ("accuracy", "accuracy"), ("demographic_parity", "selection_rate"), ("equal_opportunity", "true_positive_rate"), ("false_negative_rate", "false_negative_rate"),
        ("false_positive_rate", "false_positive_rate"), ("predictive_parity", "precision"),
    ];

    public static TheoryData<string?, string?> CasesAndModels => CaseFile.CasesAndModels();

    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void Fairlearn_EveryAggregateOfBothFramings(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        var result = Inputs.Run("fairness.group_rates", file.Scored(model!));
        foreach (var (attribute, block) in file.Models[model!]!["fairness"]!["attributes"]!.AsObject())
        {
            AssertAggregates(Groups(result, "group_rates", attribute), block!["favourable_framing"]!, $"{attribute} favourable");
            AssertAggregates(Groups(result, "group_rates_event", attribute), block["event_framing"]!, $"{attribute} event");
        }
    }

    /// <summary>The scores a vendor gave in COMPAS, decided as ProPublica did.</summary>
    [Fact]
    public void Fairlearn_VendorScore()
    {
        SharedMaterial.SkipUnlessPresent("cases/compas/vendor_scores.csv");
        var file = CaseFile.Of("compas");
        var columns = file.Columns("vendor_scores.csv");
        var label = columns.First(c => c.Value.All(v => v is "0" or "1")).Value.Select(CaseFile.Number).ToArray();
        double[] deciles = [.. columns["vendor_decile_score"].Select(v => CaseFile.Number(v) / 10)];
        var result = Inputs.Run("fairness.group_rates", Inputs.Scored(deciles, label, columns["race"], threshold: 0.45, favourable: 1, reference: "Caucasian"));
        var expected = file.Expected["vendor_score_published"]!["fairlearn"]!;

        var groups = Groups(result, "group_rates", "sex");
        AssertAggregates(groups, expected, "vendor");
        foreach (var (group, rates) in expected["by_group"]!.AsObject())
        {
            Assert.All(rates!.AsObject(), r => Close((double?)r.Value, groups[group].Rate(r.Key), $"{group} {r.Key}"));
        }
    }

    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void Aif360_EveryFigureOfAGroupAgainstReference(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        var result = Inputs.Run("fairness.group_rates", file.Scored(model!));
        foreach (var (attribute, block) in file.Models[model!]!["fairness"]!["attributes"]!.AsObject())
        {
            var groups = Groups(result, "group_rates", attribute);
            var reference = groups[(string)block!["reference_group"]!];
            foreach (var (group, values) in block["favourable_vs_reference"]!.AsObject())
            {
                var expected = values!["aif360"]!;
                var own = group == "__all_others__" ? Group.Sum(groups.Values.Where(g => g != reference)) : groups[group];
                double Gap(Func<Group, double> rate) => rate(own) - rate(reference);
                var (tpr, fpr) = (Gap(g => g.Tp / g.Positives), Gap(g => g.Fp / g.Negatives));
                var figures = new Dictionary<string, double>
                {
                    ["n_unprivileged"] = own.Count,
                    ["n_privileged"] = reference.Count,
                    ["statistical_parity_difference"] = Gap(g => g.Rate("selection_rate")),
                    ["disparate_impact"] = own.Rate("selection_rate") / reference.Rate("selection_rate"),
                    ["equal_opportunity_difference"] = tpr,
                    ["average_odds_difference"] = (tpr + fpr) / 2,
                    ["average_abs_odds_difference"] = (Math.Abs(tpr) + Math.Abs(fpr)) / 2,
                    ["error_rate_difference"] = Gap(g => (g.Fp + g.Fn) / g.Count),
                    ["error_rate_ratio"] = (own.Fp + own.Fn) / own.Count / ((reference.Fp + reference.Fn) / reference.Count),
                    ["false_positive_rate_difference"] = fpr,
                    ["false_positive_rate_ratio"] = own.Fp / own.Negatives / (reference.Fp / reference.Negatives),
                    ["false_negative_rate_difference"] = Gap(g => g.Fn / g.Positives),
                    ["false_negative_rate_ratio"] = own.Fn / own.Positives / (reference.Fn / reference.Positives),
                    ["false_discovery_rate_difference"] = Gap(g => Share(g.Fp, g.Tp + g.Fp)),
                    ["false_omission_rate_difference"] = Gap(g => Share(g.Fn, g.Fn + g.Tn)),
                };
                foreach (var (figure, value) in figures)
                {
                    if (expected[figure] is { } given)
                    {
                        Close((double)given, value, $"{attribute}={group} {figure}");
                    }
                    else
                    {
                        Assert.False(double.IsFinite(value), $"{attribute}={group} {figure} is {value}; AIF360 has none.");
                    }
                }

                Close((double?)expected["coefficient_of_variation"], Math.Sqrt(2 * (double)expected["generalized_entropy_index_alpha2"]!), $"{attribute}={group} variation");
            }
        }
    }

    /// <summary>fairlearn's own bootstrap is random (200 draws): our Wilson and bootstrap intervals end within a third of its width of where it ends.</summary>
    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void Fairlearn_BootstrapIntervals_AreNearOurs(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        if (file.Models[model!]!["fairness"]!["bootstrap"] is not { } bootstrap)
        {
            return;
        }

        var attribute = (string)bootstrap["attribute"]!;
        var every = new Dictionary<string, IReadOnlyDictionary<string, double>> { ["fairness.group_rates"] = new Dictionary<string, double> { ["min_group_size"] = 1 } };
        var result = Inputs.Run("fairness.group_rates", file.Scored(model!, every));
        Assert.Equal([0.025, 0.5, 0.975], bootstrap["quantiles"]!.AsArray().Select(q => (double)q!));
        foreach (var (group, quantiles) in bootstrap["selection_rate_by_group"]!.AsObject())
        {
            // Of a few rows every draw is nearly the same to it.
            if (result.Get("selection_rate", $"{attribute}={group}") is { Count: >= 30 } rate)
            {
                Near(quantiles!, rate);
            }
        }

        if (bootstrap["selection_rate_by_group"]!.AsObject().Any(g => result.Get("selection_rate", $"{attribute}={g.Key}").Count < 30))
        {
            return;
        }

        Near(bootstrap["selection_rate_difference"]!, result.Get("demographic_parity_difference", $"attribute={attribute}"));
        Near(bootstrap["selection_rate_ratio"]!, result.Get("demographic_parity_ratio", $"attribute={attribute}"));

        static void Near(JsonNode quantiles, Measure ours)
        {
            double low = (double)quantiles[0]!, high = (double)quantiles[2]!, allowed = Math.Max((high - low) / 3, 1e-9);
            Assert.True(Math.Abs(ours.Lower!.Value - low) <= allowed && Math.Abs(ours.Upper!.Value - high) <= allowed, $"{ours.Name} {ours.Group}: {ours.Lower} to {ours.Upper}, fairlearn {low} to {high}");
        }
    }

    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void Fairlearn_SpreadOverIntersections(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        if (file.Models[model!]!["fairness"]!["intersectional"] is not { } expected)
        {
            return;
        }

        var pair = string.Join('&', expected["attributes"]!.AsArray().Select(a => (string)a!));
        var rates = Inputs.Run("fairness.intersectional", file.Scored(model!)).Tables.Single().Rows.Where(r => r[0].Text == pair).Select(r => r[3].Number!.Value).ToArray();
        Close((double?)expected["selection_rate_difference"], rates.Max() - rates.Min(), "difference");
        Close((double?)expected["selection_rate_ratio"], rates.Min() / rates.Max(), "ratio");
    }

    private static void AssertAggregates(IReadOnlyDictionary<string, Group> groups, JsonNode expected, string what)
    {
        double Difference(string rate) => groups.Values.Max(g => g.Rate(rate)) - groups.Values.Min(g => g.Rate(rate));
        double Ratio(string rate) => groups.Values.Max(g => g.Rate(rate)) is var most && most > 0 ? groups.Values.Min(g => g.Rate(rate)) / most : double.NaN;
        void Compare(string figure, double value)
        {
            if (expected[figure] is { } given)
            {
                Close((double)given, value, $"{what} {figure}");
            }
            else
            {
                Assert.False(double.IsFinite(value), $"{what} {figure} is {value}; fairlearn has none.");
            }
        }

        foreach (var (name, rate) in Spreads)
        {
            Compare($"{name}_difference", Difference(rate));
            Compare($"{name}_ratio", Ratio(rate));
        }

        Compare("equalized_odds_difference", Math.Max(Difference("true_positive_rate"), Difference("false_positive_rate")));
        Compare("equalized_odds_difference_mean", (Difference("true_positive_rate") + Difference("false_positive_rate")) / 2);
        Compare("equalized_odds_ratio", Math.Min(Ratio("true_positive_rate"), Ratio("false_positive_rate")));
        var overall = Group.Sum(groups.Values);
        Compare("demographic_parity_difference_to_overall", groups.Values.Max(g => Math.Abs(g.Rate("selection_rate") - overall.Rate("selection_rate"))));
        foreach (var (figure, value) in expected["overall"]!.AsObject())
        {
            Close((double?)value, overall.Rate(figure), $"{what} overall {figure}");
        }

        foreach (var (group, rates) in expected["by_group"]!.AsObject())
        {
            Close((double?)rates!["true_negative_rate"], groups[group].Rate("true_negative_rate"), $"{what} {group} true negatives");
        }
    }

    private static Dictionary<string, Group> Groups(CheckResult result, string table, string attribute)
    {
        var found = result.Tables.Single(t => t.Name == table);
        double Cell(IReadOnlyList<Cell> row, string column) => row[found.Columns.Select(c => c.Name).ToList().IndexOf(column)].Number!.Value;
        return found.Rows.Where(r => r[0].Text == attribute).ToDictionary(r => r[1].Text!, r => new Group(Cell(r, "tp"), Cell(r, "fp"), Cell(r, "tn"), Cell(r, "fn")));
    }

    private static void Close(double? expected, double actual, string what) =>
        Assert.True(Math.Abs(expected!.Value - actual) <= Tolerance, FormattableString.Invariant($"{what}: expected {expected}, got {actual}"));

    /// <summary>Counts of a row of our table.</summary>
    private sealed record Group(double Tp, double Fp, double Tn, double Fn)
    {
        public double Count => Tp + Fp + Tn + Fn;

        public double Positives => Tp + Fn;

        public double Negatives => Fp + Tn;

        public static Group Sum(IEnumerable<Group> groups) => groups.Aggregate((a, b) => new Group(a.Tp + b.Tp, a.Fp + b.Fp, a.Tn + b.Tn, a.Fn + b.Fn));

        /// <summary>By fairlearn's name; 0 where the denominator is.</summary>
        public double Rate(string name) => name switch
        {
            "count" => Count,
            "tp" => Tp,
            "fp" => Fp,
            "tn" => Tn,
            "fn" => Fn,
            "accuracy" => Share(Tp + Tn, Count),
            "base_rate" => Share(Positives, Count),
            "selection_rate" => Share(Tp + Fp, Count),
            "true_positive_rate" => Share(Tp, Positives),
            "false_negative_rate" => Share(Fn, Positives),
            "false_positive_rate" => Share(Fp, Negatives),
            "true_negative_rate" => Share(Tn, Negatives),
            "precision" => Share(Tp, Tp + Fp),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };

    }

    private static double Share(double part, double whole) => whole > 0 ? part / whole : 0;
}

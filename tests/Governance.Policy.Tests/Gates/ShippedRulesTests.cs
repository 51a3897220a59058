using System.Globalization;
using System.Text.Json.Nodes;
using Governance.Core.Gates;
using Governance.Policy.Gates;
using Governance.Policy.Gates.Testing;
using Governance.Testing;

namespace Governance.Policy.Tests.Gates;

/// <summary>The thirty gate rules, the sources of citations and the statement of applicability agree with the packs.</summary>
public sealed class ShippedRulesTests
{
    private static readonly string Folder = Path.Combine(SharedMaterial.RepositoryRoot, "policies");
    private static readonly JsonObject Table = PolicyTestRunner.ReadInput(Path.Combine(Folder, "gate-rules.yaml"));
    private static readonly JsonObject Sources = PolicyTestRunner.ReadInput(Path.Combine(Folder, "sources.yaml"));

    /// <summary>All packs but the starter, which stands alone.</summary>
    private static readonly PolicyPack Lender = PolicyPack.Load(Path.Combine(Folder, "lender")).Require();

    /// <summary>Every rule as it comes out when nothing at all is known, which shows whether it may be waived.</summary>
    private static readonly Dictionary<string, RuleOutcome> Outcomes = Evaluate();

    [Fact]
    public void TheThirtyRules_AreEachCarried_ByRulesThatExist()
    {
        var entries = Table["gateRules"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, 30), entries.Select(e => (int)e!["number"]!.GetValue<double>()));
        Assert.All(entries, e => Assert.NotEmpty(Rules(e!)));
        Assert.Equal(Lender.Rules.Order(StringComparer.Ordinal), All().SelectMany(Rules).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void RulesThatMayNotBeWaived_CannotBe()
    {
        var never = Table["gateRules"]!.AsArray().Where(e => !e!["waivable"]!.GetValue<bool>()).SelectMany(e => Rules(e!)).ToList();
        Assert.Equal([1, 2, 3, 11, 16, 17, 19, 20, 22, 23, 24, 28], Table["gateRules"]!.AsArray().Where(e => !e!["waivable"]!.GetValue<bool>()).Select(e => (int)e!["number"]!.GetValue<double>()));
        Assert.All(never, rule => Assert.False(Outcomes[rule].Waivable, rule));
    }

    [Theory]
    [InlineData("auc_gap_max", 0.02, 0.03, 0.05)]
    [InlineData("calibration_error_max", 0.02, 0.03, 0.05)]
    [InlineData("psi_review", 0.10, 0.10, 0.10)]
    [InlineData("psi_max", 0.25, 0.25, 0.25)]
    [InlineData("proxy_auc_max", 0.65, 0.70, 0.75)]
    [InlineData("impact_ratio_min", 0.80, 0.80, 0.80)]
    [InlineData("impact_ratio_watch", 0.90, 0.90, 0.90)]
    [InlineData("error_gap_max", 0.05, 0.08, 0.10)]
    [InlineData("attack_auc_max", 0.55, 0.58, 0.60)]
    [InlineData("reason_overlap_min", 0.80, 0.80, 0.80)]
    [InlineData("reason_sample_min", 200, 100, 50)]
    public void LimitsByTier_AreThoseOfTheStudy(string parameter, double one, double two, double three) =>
        Assert.Equal([one, two, three], Limits(parameter));

    [Fact]
    public void EveryCitation_NamesASourceInForce_AndNoneThatWasWithdrawn()
    {
        var asOf = Sources["asOf"]!.GetValue<string>();
        var inForce = Sources["sources"]!.AsArray().Where(s => string.CompareOrdinal(s!["from"]!.GetValue<string>(), asOf) <= 0).Select(s => s!["name"]!.GetValue<string>()).ToList();
        var withdrawn = Sources["withdrawn"]!.AsArray().Select(s => s!["name"]!.GetValue<string>()).ToList();
        Assert.All(Lender.Describe().Concat(StarterPack.Pack.Describe()), rule =>
        {
            Assert.True(inForce.Exists(s => rule.Citation.Contains(s, StringComparison.OrdinalIgnoreCase)), $"{rule.Id}: {rule.Citation}");
            Assert.DoesNotContain(withdrawn, s => rule.Citation.Contains(s, StringComparison.OrdinalIgnoreCase));
        });
        Assert.All(Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories), file =>
            Assert.DoesNotContain("11-7 compliant", File.ReadAllText(file), StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Applicability_EveryControlHasARuleOrAReason_EveryRuleAControl_AndThePageIsCurrent()
    {
        var statement = StatementOfApplicability.Load(Folder);
        Assert.Empty(statement.Unknown);
        Assert.Equal((72, 38), (statement.Nist.Count, statement.Iso.Count));
        Assert.All(statement.Nist.Concat(statement.Iso), c => Assert.True(c.Rules.Count > 0 || c.Otherwise.Length > 0, $"{c.Id} has neither a rule nor a reason"));
        Assert.All(new[] { statement.Nist, statement.Iso }, framework => Assert.Empty(Lender.Rules.Except(framework.SelectMany(c => c.Rules))));
        Assert.Equal(statement.Markdown(), File.ReadAllText(Path.Combine(SharedMaterial.RepositoryRoot, "docs", "statement-of-applicability.md")));
    }

    /// <summary>The values as written in the params of some pack.</summary>
    private static double[] Limits(string parameter)
    {
        var lines = Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories).Where(f => !f.Contains("starter", StringComparison.Ordinal)).SelectMany(File.ReadLines)
            .SkipWhile(l => l.Trim() != $"- name: {parameter}").Take(5).Select(l => l.Trim()).ToList();
        var values = lines.First(l => l.StartsWith("tiers: [", StringComparison.Ordinal) || l.StartsWith("value: ", StringComparison.Ordinal));
        var numbers = values[(values.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim(' ', '[', ']').Split(',').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        return numbers.Length == 1 ? [numbers[0], numbers[0], numbers[0]] : numbers;
    }

    private static IEnumerable<JsonNode> All() => Table["gateRules"]!.AsArray().Concat(Table["beyond"]!.AsArray()).Select(e => e!);

    private static IEnumerable<string> Rules(JsonNode entry) => entry["rules"]!.AsArray().Select(r => r!.GetValue<string>());

    private static Dictionary<string, RuleOutcome> Evaluate()
    {
        var outcomes = new Dictionary<string, RuleOutcome>(StringComparer.Ordinal);
        foreach (var (domain, time) in new[] { ("consumerCredit", "2026-11-20"), ("consumerCredit", "2028-01-01"), ("fraud", "2026-11-20"), ("antiMoneyLaundering", "2026-11-20") })
        {
            var input = new JsonObject
            {
                ["request"] = new JsonObject { ["time"] = time + "T00:00:00Z" },
                ["model"] = new JsonObject { ["tier"] = 1, ["domain"] = domain, ["jurisdictions"] = new JsonArray("EU", "GB", "US"), ["vendor"] = "v" },
            };
            foreach (var outcome in GateEvaluator.Evaluate(Lender, "promote", input, TestContext.Current.CancellationToken).Rules)
            {
                outcomes[outcome.Rule] = outcome;
            }
        }

        return outcomes;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Gates;
using Governance.Policy.Gates;

namespace Governance.Policy.Tests.Gates;

public sealed class GateEvaluatorTests
{
    [Theory]
    [InlineData("fairness.adverse_impact", "adverse_impact_ratio", true)]
    [InlineData("fairness.adverse_impact", "min_adverse_impact_ratio", true)]
    [InlineData("fairness.adverse_impact", "weighted_selection_rate", false)]
    [InlineData("fairness.proxy_power", "max_proxy_auc", false)]
    [InlineData("no.check", "auc", false)]
    public void Decides_WhatRulesRead_OfTheChecksTheyRequire(string check, string measure, bool decides) => Assert.Equal(decides, StarterPack.Pack.Decides(check, measure));

    [Fact]
    public void Evaluate_SameThree_SameBytes()
    {
        var first = GovernanceJson.Serialize(GateEvaluator.Evaluate(StarterPack.Pack, "promote", StarterPack.Input(), TestContext.Current.CancellationToken));
        var again = PolicyPack.Load(StarterPack.Folder).Require();
        var second = GovernanceJson.Serialize(GateEvaluator.Evaluate(again, "promote", Reversed(StarterPack.Input()), TestContext.Current.CancellationToken));
        Assert.Equal(JsonSerializer.Deserialize<JsonNode>(first)!.ToJsonString(), JsonSerializer.Deserialize<JsonNode>(second)!.ToJsonString());
        Assert.Equal(first, second);
    }

    [Fact]
    public void Evaluate_Violation_SaysValueThresholdCitationAndWhatItSaw()
    {
        var input = StarterPack.Input();
        input["evidence"]!["fairness.adverse_impact"]!["measures"]!["min_adverse_impact_ratio"]!["value"] = 0.71;
        input["evidence"]!["fairness.adverse_impact"]!["measures"]!["adverse_impact_ratio"]!["groups"]!["sex=female"] =
            JsonNode.Parse("""{"status":"ok","value":0.71,"lower":0.6,"upper":0.84,"count":101}""");
        var decision = GateEvaluator.Evaluate(StarterPack.Pack, "promote", input, TestContext.Current.CancellationToken);
        var rule = decision.Rules.Single(r => r.Rule == "fairness-impact-ratio");
        Assert.Equal(GateStatus.Denied, decision.Status);
        Assert.Equal((RuleStatus.Violation, 0.71, 0.80, true), (rule.Status, rule.Value, rule.Threshold, rule.Blocks));
        Assert.Equal("The lowest adverse impact ratio is 0.71, below 0.80 (sex=female: 0.71, interval 0.60 to 0.84).", rule.Message);
        Assert.Contains("1607.4(D)", rule.Citation, StringComparison.Ordinal);
        Assert.NotEmpty(rule.Remediation!);
        Assert.Contains(rule.Observed, o => o.Expression == "lowest.value" && o.Value!.GetValue<double>() == 0.71);
    }

    [Fact]
    public void Evaluate_MissingEvidence_IsAGapThatNamesTheCheck()
    {
        var input = StarterPack.Input();
        input["evidence"]!.AsObject().Remove("fairness.adverse_impact");
        var rule = GateEvaluator.Evaluate(StarterPack.Pack, "promote", input, TestContext.Current.CancellationToken).Rules.Single(r => r.Rule == "fairness-impact-ratio");
        Assert.Equal(RuleStatus.Gap, rule.Status);
        Assert.Contains("fairness.adverse_impact", rule.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"request":{"gate":"promote","time":"yesterday"}}""", "request.time")]
    [InlineData("""{"model":{"tier":1.5}}""", "model.tier")]
    [InlineData("""{"evidence":{"x":{"age_days":"old"}}}""", "evidence.x.age_days")]
    [InlineData("""{"signoffs":{}}""", "signoffs")]
    [InlineData("""{"request":{"gate":"submit"}}""", "request.gate")]
    public void Evaluate_WrongForm_NamesThePlace(string json, string place)
    {
        var thrown = Assert.Throws<GateInputException>(() =>
            GateEvaluator.Evaluate(StarterPack.Pack, "promote", JsonNode.Parse(json)!.AsObject(), TestContext.Current.CancellationToken));
        Assert.Contains(place, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_NothingAtAll_IsDenied()
    {
        var decision = GateEvaluator.Evaluate(StarterPack.Pack, "promote", [], TestContext.Current.CancellationToken);
        Assert.Equal(GateStatus.Denied, decision.Status);
        Assert.All(decision.Rules, r => Assert.Equal(RuleStatus.Gap, r.Status));
    }

    [Fact]
    public void Digests_ChangeWithTheirOwnFilesOnly()
    {
        var files = StarterPack.Files();
        files["params.yaml"] = files["params.yaml"].Replace("0.80", "0.85", StringComparison.Ordinal);
        var changed = PolicyPack.Parse(files).Require();
        Assert.Equal(StarterPack.Pack.Digest, changed.Digest);
        Assert.NotEqual(StarterPack.Pack.ParamsDigest, changed.ParamsDigest);
    }

    [Theory]
    [InlineData(true, RuleStatus.Pass)]
    [InlineData(false, RuleStatus.Violation)]
    [InlineData(null, RuleStatus.Gap)]
    public void Evaluate_ARuleMayAskThatEvidenceWasReproduced(bool? reproduced, RuleStatus status)
    {
        var files = StarterPack.Files();
        files["reproduced.yaml"] = """
            apiVersion: governance/v1
            kind: Binding
            metadata: {name: reproduced-at-promotion}
            spec: {policy: reproduced, gates: [promote]}
            ---
            apiVersion: governance/v1
            kind: Policy
            metadata: {name: reproduced, title: Reproduced}
            spec:
              validations:
                - {id: discrimination-reproduced, title: Reproduced, expression: 'evidence["validation.discrimination"].reproduced', message: m, citation: House, rationale: r, remediation: f}
            """;
        var input = StarterPack.Input();
        if (reproduced is { } same)
        {
            input["evidence"]!["validation.discrimination"]!["reproduced"] = same;
        }

        var decision = GateEvaluator.Evaluate(PolicyPack.Parse(files).Require(), "promote", input, TestContext.Current.CancellationToken);
        Assert.Equal(status, decision.Rules.Single(r => r.Rule == "discrimination-reproduced").Status);
    }

    private static JsonObject Reversed(JsonObject json) =>
        new(json.Reverse().Select(m => KeyValuePair.Create(m.Key, m.Key == "evidence" || m.Value is not JsonObject o ? m.Value?.DeepClone() : Reversed(o))));
}

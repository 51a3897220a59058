using System.Text.Json.Nodes;
using Governance.Policy.Gates;

namespace Governance.Policy.Tests.Gates;

/// <summary>A pack that extends others is one pack with them.</summary>
public sealed class ExtendedPackTests
{
    private const string Base = """
        apiVersion: governance/v1
        kind: Pack
        metadata: {name: base, version: 1.0.0, title: Base}
        ---
        apiVersion: governance/v1
        kind: Binding
        metadata: {name: b}
        spec: {policy: size}
        ---
        apiVersion: governance/v1
        kind: Policy
        metadata: {name: size, title: Size}
        spec:
          validations:
            - {id: size-tier, title: Tier, value: double(model.tier), threshold: params.tier_max, expression: value <= threshold, message: m, citation: House, rationale: r, remediation: f}
        """;

    private static string Params(string value, string type = "number") =>
        $"apiVersion: governance/v1\nkind: Params\nmetadata: {{name: p, owner: risk}}\nspec:\n  parameters:\n    - {{name: tier_max, description: d, type: {type}, value: {value}}}\n";

    private static Dictionary<string, string> Files(string extends = "base") => new()
    {
        ["pack.yaml"] = $"apiVersion: governance/v1\nkind: Pack\nmetadata: {{name: own, version: 1.0.0, title: Own}}\nspec: {{extends: [{extends}]}}\n",
        ["base/pack.yaml"] = Base,
        ["base/params.yaml"] = Params("1.0"),
    };

    private static double? Threshold(PolicyPack pack)
    {
        var input = new JsonObject { ["model"] = new JsonObject { ["tier"] = 2 } };
        return GateEvaluator.Evaluate(pack, "promote", input, TestContext.Current.CancellationToken).Rules.Single().Threshold;
    }

    [Fact]
    public void Extends_BringsRulesAndParameters_AndMayReplaceAValue()
    {
        var pack = PolicyPack.Parse(Files()).Require();
        Assert.Equal(["size-tier"], pack.Rules);
        Assert.Empty(pack.OwnRules);
        Assert.Equal(["base"], pack.Extends);
        Assert.Equal(1.0, Threshold(pack));

        var stricter = PolicyPack.Parse(new Dictionary<string, string>(Files()) { ["params.yaml"] = Params("3.0") }).Require();
        Assert.Equal(3.0, Threshold(stricter));
        Assert.Equal(pack.Digest, stricter.Digest);
        Assert.NotEqual(pack.ParamsDigest, stricter.ParamsDigest);
    }

    [Fact]
    public void Extends_EachOther_IsOnePack()
    {
        var files = Files();
        files["base/pack.yaml"] = files["base/pack.yaml"].Replace("title: Base}", "title: Base}\nspec: {extends: [base]}", StringComparison.Ordinal);
        Assert.Equal(["size-tier"], PolicyPack.Parse(files).Require().Rules);
    }

    [Theory]
    [InlineData("bass", null, null, "there is no pack 'bass' beside this one; did you mean 'base'?")]
    [InlineData("../base", null, null, "is no name of a pack")]
    [InlineData("base", "params.yaml", "type", "has the type double in base/params.yaml and int here")]
    [InlineData("base", "other/x.yaml", "", "the pack 'other' is not extended by any pack here")]
    public void Extends_Wrongly_SaysWhatIsWrong(string extends, string? file, string? what, string expected)
    {
        var files = Files(extends);
        if (file is not null)
        {
            files[file] = what == "type" ? Params("3", "integer") : Params("1.0");
        }

        Assert.Contains(PolicyPack.Parse(files).Issues, i => i.Message.Contains(expected, StringComparison.Ordinal));
    }
}

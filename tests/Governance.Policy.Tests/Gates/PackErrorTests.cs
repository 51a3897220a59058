using Governance.Policy.Gates;

namespace Governance.Policy.Tests.Gates;

/// <summary>What a pack's author sees when something is wrong: file, line, column, caret, and what was meant.</summary>
public sealed class PackErrorTests
{
    [Theory]
    [InlineData("fairness.yaml", "measures.min_adverse_impact_ratio", "measures.min_advers_impact_ratio", "did you mean 'min_adverse_impact_ratio'?")]
    [InlineData("performance.yaml", "requires: [validation.calibration]", "requires: [validation.calibrations]", "did you mean 'validation.calibration'?")]
    [InlineData("performance.yaml", "params.auc_min", "params.auc_minimum", "params has no 'auc_minimum'")]
    [InlineData("performance.yaml", "expression: value >= threshold", "expression: value >> threshold", "expected a value")]
    [InlineData("performance.yaml", "expression: value >= threshold", "expression: value + threshold", "expected a result of type bool, found double")]
    [InlineData("release.yaml", "waitsFor: validator", "waitsFor: validater", "did you mean 'validator'?")]
    [InlineData("release.yaml", "citation:", "citaton:", "did you mean 'citation'?")]
    [InlineData("release.yaml", "id: audit-chain", "id: independence", "used twice")]
    [InlineData("privacy.yaml", "severity: review", "severity: revue", "did you mean 'review'?")]
    [InlineData("bindings.yaml", "gates: [promote]", "gates: [promotion]", "no gate is called 'promotion'")]
    [InlineData("bindings.yaml", "policy: privacy", "policy: privcy", "did you mean 'privacy'?")]
    [InlineData("params.yaml", "tiers: [0.70, 0.68, 0.65]", "tiers: [0.70, 0.68]", "three values")]
    [InlineData("params.yaml", "tiers: [0.70, 0.68, 0.65]", "tiers: [0.70, 0.68, high]", "expected a number")]
    [InlineData("release.yaml", "expression: audit.verified", "expression: signoffs.all(a, signoffs.all(b, signoffs.all(c, signoffs.all(d, a == b && c == d))))", "above the limit Cost")]
    [InlineData("pack.yaml", "kind: Pack", "kind: Pakc", "did you mean 'Pack'?")]
    [InlineData("pack.yaml", "name: starter", "name: &a starter", "anchors and aliases")]
    [InlineData("pack.yaml", "name: starter", "name: !!str starter", "tags are not allowed")]
    [InlineData("pack.yaml", "name: starter", "name: [starter", "no YAML")]
    [InlineData("pack.yaml", "version: 1.0.0", "name: again", "written twice")]
    public void Load_WrongPack_SaysWhereAndWhat(string file, string old, string with, string expected)
    {
        var files = StarterPack.Files();
        Assert.Contains(old, files[file], StringComparison.Ordinal);
        var at = files[file].IndexOf(old, StringComparison.Ordinal);
        files[file] = files[file][..at] + with + files[file][(at + old.Length)..];
        var load = PolicyPack.Parse(files);
        Assert.Null(load.Pack);
        Assert.Contains(load.Issues, i => i.Message.Contains(expected, StringComparison.Ordinal) && (i.File == file || i.File == "pack"));
    }

    [Fact]
    public void Load_MisspeltMetric_PointsIntoTheYamlFile()
    {
        var files = StarterPack.Files();
        files["fairness.yaml"] = files["fairness.yaml"].Replace(".min_adverse_impact_ratio", ".min_advers_impact_ratio", StringComparison.Ordinal);
        var issue = PolicyPack.Parse(files).Issues[0];
        var line = files["fairness.yaml"].Split('\n')[issue.Line - 1];
        Assert.Equal("min_advers_impact_ratio", line.Substring(issue.Column - 1, "min_advers_impact_ratio".Length));
        var rows = issue.ToString().Split('\n');
        Assert.StartsWith($"ERROR: fairness.yaml:{issue.Line}:{issue.Column}: the result of fairness.adverse_impact has no 'min_advers_impact_ratio'", rows[0], StringComparison.Ordinal);
        Assert.Equal(rows[1].IndexOf("min_advers", StringComparison.Ordinal), rows[2].IndexOf('^', StringComparison.Ordinal));
    }

    [Fact]
    public void Load_DeepYaml_IsRefused()
    {
        var files = new Dictionary<string, string> { ["pack.yaml"] = string.Concat(Enumerable.Repeat("[", 5_000)) };
        Assert.Contains(PolicyPack.Parse(files).Issues, i => i.Message.Contains("nested deeper", StringComparison.Ordinal));
    }
}

using Governance.Core.Gates;
using Governance.Policy.Gates;
using Governance.Policy.Life;
using Governance.Policy.Tests.Gates;

namespace Governance.Policy.Tests.Life;

/// <summary>What two packs say, not how they are written.</summary>
public sealed class PolicyDiffTests
{
    [Fact]
    public void CommentsOrderAndFiles_MakeNoDifference()
    {
        var files = StarterPack.Files();
        var rewritten = new Dictionary<string, string> { ["all.yaml"] = string.Join("\n---\n", files.OrderByDescending(f => f.Key, StringComparer.Ordinal).Select(f => "# again\n" + f.Value)) };
        Assert.Empty(PolicyDiff.Compare(StarterPack.Pack, PolicyPack.Parse(rewritten).Require()));
    }

    [Theory]
    [InlineData("params.yaml", "tiers: [0.70, 0.68, 0.65]", "tiers: [0.70, 0.75, 0.65]", "parameter auc_min tier 2: 0.68 -> 0.75")]
    [InlineData("release.yaml", "id: audit-chain", "id: audit-trail", "rule audit-chain : The audit log verifies from end to end (deny) -> nothing|rule audit-trail : nothing -> The audit log verifies from end to end (deny)")]
    [InlineData("release.yaml", "expression: audit.verified", "expression: audit.verified && audit.log_size > 0", "rule audit-chain expression: audit.verified -> audit.verified && audit.log_size > 0")]
    [InlineData("bindings.yaml", "  policy: release\n  gates: [promote]", "  policy: release\n  gates: [promote, monitor]", "policy release bindings: gates promote -> gates promote|monitor")]
    [InlineData("pack.yaml", "version: 1.0.0", "version: 1.0.1", "pack starter version: 1.0.0 -> 1.0.1")]
    public void EachChangeOfMeaning_IsToldOnce(string file, string from, string to, string expected)
    {
        var files = StarterPack.Files();
        Assert.Contains(from, files[file], StringComparison.Ordinal);
        files[file] = files[file].Replace(from, to, StringComparison.Ordinal);
        var changes = PolicyDiff.Compare(StarterPack.Pack, PolicyPack.Parse(files).Require());
        Assert.Equal(expected, string.Join('|', changes.Select(c => $"{c.What} {c.Id} {c.Field}: {c.Before ?? "nothing"} -> {c.After ?? "nothing"}")));
        Assert.All(changes, c => Assert.Equal(c.Field is not null, c.Kind == PolicyChangeKind.Changed));
    }
}

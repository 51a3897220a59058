using Governance.Policy.Gates;
using Governance.Policy.Gates.Testing;
using Governance.Testing;

namespace Governance.Policy.Tests.Gates;

/// <summary>Every pack under policies/ loads without an issue, passes its own tests, and its tests show pass, violation and gap of every rule.</summary>
public sealed class ShippedPackTests(ITestOutputHelper output)
{
    public static TheoryData<string> Packs =>
        [.. Directory.EnumerateDirectories(Path.Combine(SharedMaterial.RepositoryRoot, "policies")).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Packs))]
    public void PackLoadsAndPassesItsTests(string name)
    {
        var folder = Path.Combine(SharedMaterial.RepositoryRoot, "policies", name);
        var pack = PolicyPack.Load(folder).Require();
        var report = PolicyTestRunner.Run(pack, Path.Combine(folder, "tests"), TestContext.Current.CancellationToken);
        foreach (var result in report.Results)
        {
            output.WriteLine($"{(result.Passed ? "ok  " : "FAIL")} {result.Name} {string.Join("; ", result.Faults)}");
            if (!result.Passed)
            {
                foreach (var rule in result.Decision?.Rules.Where(r => r.Blocks) ?? [])
                {
                    output.WriteLine($"       {rule.Rule} {rule.Status}: {rule.Message}");
                }
            }
        }

        Assert.NotEmpty(report.Results);
        Assert.True(report.Passed, string.Join('\n', report.Results.Where(r => !r.Passed).Select(r => $"{r.Name}: {string.Join("; ", r.Faults)}")));
        Assert.True(report.Coverage.Unseen.Count == 0, "No test shows: " + string.Join(", ", report.Coverage.Unseen.Select(u => $"{u.Rule} {u.Branch}")));
    }
}

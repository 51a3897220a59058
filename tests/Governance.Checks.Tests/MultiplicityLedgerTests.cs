using Governance.Core.Evidence;

namespace Governance.Checks.Tests;

public sealed class MultiplicityLedgerTests
{
    [Fact]
    public void Ledger_GatesAndScreens_AdjustedApart()
    {
        var results = new[] { Result("a.gate", (0.01, "one", 1), (0.04, "two", 2), (0.01, "one", 1)), Result("a.screen", (0.01, "x", 1), (0.02, "y", 2), (0.9, "z", 3)) };
        var tests = MultiplicityLedger.Of(results, (check, _) => check == "a.gate");

        // The figure that repeats the first is no test of its own.
        Assert.Equal([0.02, 0.04, 0.03, 0.03, 0.9], tests.Select(t => Math.Round(t.Adjusted, 12)));
        Assert.Equal([true, true, false, false, false], tests.Select(t => t.Gates));
    }

    [Fact]
    public void Ledger_PolicyDecidesOnTheLowest_EveryOneOfItGates()
    {
        var ratios = new[] { Ratio("ratio", "a", 0.02), Ratio("ratio", "b", 0.03), Ratio("min_ratio", null, 0.02), Ratio("other", null, 0.5) };
        var tests = MultiplicityLedger.Of([Result("a.check") with { Measures = ratios }], (_, measure) => measure == "min_ratio");

        Assert.Equal([("ratio", "a", true, 0.04), ("ratio", "b", true, 0.04), ("other", null, false, 0.5)], tests.Select(t => (t.Measure, t.Group, t.Gates, t.Adjusted)));
        Assert.Equal([true, true, false], tests.Select(t => t.Stands));

        static Measure Ratio(string name, string? group, double p) => new() { Name = name, Group = group, Value = p, PValue = p };
    }

    private static CheckResult Result(string check, params (double P, string Test, double Value)[] tests) => new()
    {
        Check = check, CheckVersion = "1", Family = CheckFamily.Validation, Summary = "s", Parameters = [], Rows = 1, Tables = [], Limitations = [],
        Measures = [.. tests.Select((t, i) => new Measure { Name = $"m{i}", Value = t.Value, PValue = t.P, Test = t.Test })],
    };
}

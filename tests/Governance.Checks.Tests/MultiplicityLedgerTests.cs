using Governance.Core.Evidence;

namespace Governance.Checks.Tests;

public sealed class MultiplicityLedgerTests
{
    [Fact]
    public void Ledger_GatesAndScreens_AdjustedApart()
    {
        var results = new[] { Result("a.gate", (0.01, "one", 1), (0.04, "two", 2), (0.01, "one", 1)), Result("a.screen", (0.01, "x", 1), (0.02, "y", 2), (0.9, "z", 3)) };
        var tests = MultiplicityLedger.Of(results, (r, _) => r.Check == "a.gate");

        // The figure that repeats the first is no test of its own.
        Assert.Equal([0.02, 0.04, 0.03, 0.03, 0.9], tests.Select(t => Math.Round(t.Adjusted, 12)));
        Assert.Equal([true, true, false, false, false], tests.Select(t => t.Gates));
    }

    private static CheckResult Result(string check, params (double P, string Test, double Value)[] tests) => new()
    {
        Check = check, CheckVersion = "1", Family = CheckFamily.Validation, Summary = "s", Parameters = [], Rows = 1, Tables = [], Limitations = [],
        Measures = [.. tests.Select((t, i) => new Measure { Name = $"m{i}", Value = t.Value, PValue = t.P, Test = t.Test })],
    };
}

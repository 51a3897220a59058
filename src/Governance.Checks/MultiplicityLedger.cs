using Governance.Checks.Statistics;
using Governance.Core.Evidence;

namespace Governance.Checks;

/// <summary>One test of a review. Immutable.</summary>
/// <param name="Gates">A policy decides on it; else it screens.</param>
/// <param name="Adjusted">Over all tests of the review of the same use: Holm for gates, Benjamini and Hochberg for screening.</param>
public sealed record LedgerTest(string Check, string Measure, string? Group, double PValue, bool Gates, double Adjusted);

/// <summary>
/// All tests of one review of one model in one place, so that nobody has to remember how many questions were asked. Tests that gate and tests that screen are kept
/// apart: the first control the chance of a single wrong refusal, the others the share of false alarms. Immutable and thread-safe.
/// </summary>
public static class MultiplicityLedger
{
    /// <summary>In the order of the results. A figure that repeats another of its check (the lowest of several) is not a test of its own.</summary>
    /// <param name="gates">Whether a policy decides on a measure.</param>
    public static IReadOnlyList<LedgerTest> Of(IEnumerable<CheckResult> results, Func<CheckResult, Measure, bool> gates)
    {
        var tests = results
            .SelectMany(r => r.Measures.Where(m => m.PValue is not null).DistinctBy(m => (m.PValue, m.Test, m.Value)).Select(m => (Result: r, Measure: m, Gates: gates(r, m)))).ToArray();
        double[] Adjusted(bool use, Func<double[], double[]> adjust) => adjust([.. tests.Where(t => t.Gates == use).Select(t => t.Measure.PValue!.Value)]);
        var (holm, screened) = (Adjusted(true, Multiplicity.Holm), Adjusted(false, Multiplicity.BenjaminiHochberg));
        var (h, s) = (0, 0);
        return [.. tests.Select(t => new LedgerTest(t.Result.Check, t.Measure.Name, t.Measure.Group, t.Measure.PValue!.Value, t.Gates, t.Gates ? holm[h++] : screened[s++]))];
    }
}

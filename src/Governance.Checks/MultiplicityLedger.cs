using Governance.Checks.Statistics;
using Governance.Core.Evidence;

namespace Governance.Checks;

/// <summary>
/// All tests of one review of one model in one place, so that nobody has to remember how many questions were asked. Tests that gate and tests that screen are kept
/// apart: the first control the chance of a single wrong refusal, the others the share of false alarms. Immutable and thread-safe.
/// </summary>
public static class MultiplicityLedger
{
    /// <summary>
    /// In the order of the results. A figure that repeats another of its check (the lowest of several) is not a test of its own; where a policy decides on the
    /// lowest or largest of several, each of them gates, for any could have been it.
    /// </summary>
    /// <param name="decides">Whether a policy decides on a measure: check id, name of the measure.</param>
    public static IReadOnlyList<ReviewTest> Of(IEnumerable<CheckResult> results, Func<string, string, bool> decides)
    {
        var tests = results
            .SelectMany(r => r.Measures.Where(m => m.PValue is not null).GroupBy(m => (m.PValue, m.Test, m.Value))
                .Select(same => (r.Check, Measure: same.First(), Gates: same.Any(m => Gates(r.Check, m.Name)))))
            .ToArray();
        double[] Adjusted(bool use, Func<double[], double[]> adjust) => adjust([.. tests.Where(t => t.Gates == use).Select(t => t.Measure.PValue!.Value)]);
        var (holm, screened) = (Adjusted(true, Multiplicity.Holm), Adjusted(false, Multiplicity.BenjaminiHochberg));
        var (h, s) = (0, 0);
        return [.. tests.Select(t => new ReviewTest(t.Check, t.Measure.Name, t.Measure.Group, t.Measure.PValue!.Value, t.Gates, t.Gates ? holm[h++] : screened[s++]))];

        bool Gates(string check, string measure) => decides(check, measure) || decides(check, "min_" + measure) || decides(check, "max_" + measure);
    }
}

using System.Globalization;
using Governance.Client.Contracts;
using Governance.Policy.Gates.Testing;
using Spectre.Console;

namespace Governance.Cli.Rendering;

/// <param name="Issues">File, line, column, source line and caret of each fault.</param>
internal sealed record PolicyLint(
    bool Valid, string? Name, string? Version, string? Policy, string? Params, IReadOnlyList<string> Rules, IReadOnlyList<string> Issues);

/// <summary>The results of a pack's tests, as printed. Immutable.</summary>
/// <param name="Coverage">Share of rule outcomes that some test shows.</param>
internal sealed record PolicyTests(bool Passed, double Coverage, IReadOnlyList<PolicyTests.One> Tests, IReadOnlyList<string> Unseen)
{
    public sealed record One(string Name, bool Passed, IReadOnlyList<string> Faults);

    public static PolicyTests Of(PolicyTestReport report) => new(
        report.Passed,
        report.Coverage.Share,
        [.. report.Results.Select(r => new One(r.Name, r.Passed, r.Faults))],
        [.. report.Coverage.Unseen.Select(u => $"{u.Rule}: {u.Branch}")]);
}

internal static class PolicyViews
{
    public static void InForce(IAnsiConsole console, PolicyDetails policy)
    {
        Draw.Title(console, $"{policy.Name} {policy.Version} ({policy.Policy.Abbreviated})");
        foreach (var rule in policy.Rules)
        {
            Draw.Line(console, $"  {rule.Id} ({rule.Severity}): {rule.Title}. {rule.Citation}");
        }
    }

    public static void Lint(IAnsiConsole console, PolicyLint lint)
    {
        foreach (var issue in lint.Issues)
        {
            Draw.Line(console, issue);
        }

        Draw.Line(console, lint.Valid
            ? string.Create(CultureInfo.InvariantCulture, $"{lint.Name} {lint.Version}: {lint.Rules.Count} rules, no faults; {lint.Policy}")
            : string.Create(CultureInfo.InvariantCulture, $"{lint.Issues.Count} fault(s)."));
    }

    public static void Tests(IAnsiConsole console, PolicyTests report)
    {
        foreach (var test in report.Tests)
        {
            Draw.Line(console, $"{(test.Passed ? "pass" : "FAIL")}  {test.Name}");
            foreach (var fault in test.Faults)
            {
                Draw.Line(console, "      " + fault);
            }
        }

        Draw.Line(console, string.Create(CultureInfo.InvariantCulture,
            $"{report.Tests.Count(t => t.Passed)} of {report.Tests.Count} pass; {report.Coverage:0 %} of rule branches are shown by a test."));
    }
}

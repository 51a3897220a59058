using System.Globalization;
using Governance.Client.Contracts;
using Governance.Core.Gates;
using Governance.Policy.Gates.Testing;
using Spectre.Console;

namespace Governance.Cli.Rendering;

/// <param name="Issues">File, line, column, source line and caret of each fault.</param>
internal sealed record PolicyLint(
    bool Valid, string? Name, string? Version, string? Policy, string? Params, IReadOnlyList<string> Rules, IReadOnlyList<string> Issues);

/// <summary>The results of a pack's tests, as printed. Immutable.</summary>
/// <param name="Coverage">Share of rule outcomes and branches that some test shows.</param>
/// <param name="Unseen">Those none shows.</param>
internal sealed record PolicyTests(bool Passed, double Coverage, IReadOnlyList<PolicyTests.One> Tests, IReadOnlyList<string> Unseen)
{
    public sealed record One(string Name, bool Passed, IReadOnlyList<string> Faults);

    public static PolicyTests Of(PolicyTestReport report) => new(
        report.Passed,
        report.Coverage.Share,
        [.. report.Results.Select(r => new One(r.Name, r.Passed, r.Faults))],
        [.. report.Coverage.Unseen.Select(u => $"{u.Rule}: {u.Branch}")]);
}

/// <summary>Releases and proposals, as printed.</summary>
internal sealed record PolicyList(IReadOnlyList<PolicyReleaseDetails> Releases, IReadOnlyList<ProposalDetails> Proposals);

internal static class PolicyViews
{
    public static void Diff(IAnsiConsole console, IReadOnlyList<PolicyChange> changes)
    {
        if (changes.Count == 0)
        {
            Draw.Line(console, "The packs say the same.");
            return;
        }

        foreach (var change in changes)
        {
            Draw.Line(console, change switch
            {
                { Kind: PolicyChangeKind.Added } => $"+ {change.What} {change.Id}: {change.After}",
                { Kind: PolicyChangeKind.Removed } => $"- {change.What} {change.Id}: {change.Before}",
                _ => $"~ {change.What} {change.Id}, {change.Field}: {change.Before ?? "nothing"} -> {change.After ?? "nothing"}",
            });
        }
    }

    public static void DryRun(IAnsiConsole console, DryRunReport report)
    {
        Draw.Title(console, $"{report.Candidate} instead of {report.Current}");
        Diff(console, report.Changes);
        Draw.Line(console, string.Create(CultureInfo.InvariantCulture, $"In service: {report.Live.Count} of {report.LiveExamined} versions come out otherwise."));
        Differences(console, report.Live);
        Draw.Line(console, string.Create(CultureInfo.InvariantCulture,
            $"Decided before: {report.PastDiffering} of {report.PastExamined} decisions made again come out otherwise ({report.PastTotal} recorded, {report.PastUnreadable} unreadable)."));
        Differences(console, report.Past);
    }

    public static void Proposal(IAnsiConsole console, ProposalDetails proposal)
    {
        Draw.Fields(console,
            ("proposal", proposal.Id), ("status", Draw.Word(proposal.Status)), ("pack", $"{proposal.Name} {proposal.Version}"), ("archive", proposal.Archive.ToString()),
            ("comment", proposal.Comment), ("proposed", $"{Draw.Time(proposal.ProposedAt)} by {proposal.ProposedBy}"),
            ("effective from", proposal.EffectiveFrom is { } date ? Draw.Time(date) : "approval"),
            ("approved", proposal.ApprovedBy is { } approver ? $"{Draw.Time(proposal.ApprovedAt)} by {approver}: {proposal.ApprovalComment}" : null),
            ("in force from", proposal.From is { } from ? Draw.Time(from) : null),
            ("withdrawn", proposal.WithdrawnBy is { } who ? $"by {who}: {proposal.WithdrawalReason}" : null),
            ("tests", string.Create(CultureInfo.InvariantCulture, $"{proposal.Tests} pass; {proposal.Coverage:0 %} of rule outcomes and branches are shown")),
            ("ledger entry", Draw.Number(proposal.LedgerIndex)));
        if (proposal.DryRun is { } report)
        {
            DryRun(console, report);
        }
    }

    public static void List(IAnsiConsole console, PolicyList list)
    {
        Draw.Rows(console, ["release", "in force", "from", "archive", "entry"], list.Releases.Select(r => (IReadOnlyList<string>)
            [$"{r.Name} {r.Version}", r.InForce ? "yes" : "", Draw.Time(r.From), r.Archive?.ToString() ?? "", Draw.Number(r.LedgerIndex)]));
        Draw.Rows(console, ["proposal", "status", "pack", "proposed by", "effective from"], list.Proposals.Select(p => (IReadOnlyList<string>)
            [p.Id, Draw.Word(p.Status), $"{p.Name} {p.Version}", p.ProposedBy, Draw.Time(p.From ?? p.EffectiveFrom)]));
    }

    public static void Replay(IAnsiConsole console, ReplayVerdict verdict)
    {
        Draw.Line(console, verdict.Reproduced
            ? string.Create(CultureInfo.InvariantCulture, $"Entry {verdict.Position}: reproduced bit for bit. {verdict.Decision!.Gate}: {Draw.Word(verdict.Decision.Status)}, {verdict.Decision.Rules.Count} rules, {verdict.Decision.Policy}.")
            : string.Create(CultureInfo.InvariantCulture, $"Entry {verdict.Position}: NOT reproduced; {verdict.Mismatches.Count} field(s) differ."));
        foreach (var mismatch in verdict.Mismatches)
        {
            Draw.Line(console, $"  {mismatch.Field}: recorded {mismatch.Recorded ?? "nothing"}, computed {mismatch.Recomputed ?? "nothing"}");
        }
    }

    private static void Differences(IAnsiConsole console, IReadOnlyList<DryRunDifference> differences)
    {
        foreach (var difference in differences)
        {
            Draw.Line(console, string.Create(CultureInfo.InvariantCulture,
                $"  {difference.ModelId} {difference.Version}, {difference.Gate}{(difference.Position is { } at ? $", entry {at}" : "")}: {Draw.Word(difference.Before)} -> {Draw.Word(difference.After)}"));
            foreach (var rule in difference.Rules)
            {
                Draw.Line(console, $"    {rule.Rule}: {Status(rule.Before)} -> {Status(rule.After)}{(rule.ThresholdBefore != rule.ThresholdAfter ? $"; limit {Draw.Number(rule.ThresholdBefore)} -> {Draw.Number(rule.ThresholdAfter)}" : "")}");
            }
        }
    }

    private static string Status(RuleStatus? status) => status is { } known ? Draw.Word(known) : "not asked";

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
            $"{report.Tests.Count(t => t.Passed)} of {report.Tests.Count} pass; {report.Coverage:0 %} of rule outcomes and branches are shown by a test."));
        foreach (var unseen in report.Unseen)
        {
            Draw.Line(console, $"not shown  {unseen}");
        }
    }
}

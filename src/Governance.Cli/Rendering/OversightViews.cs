using Governance.Client.Contracts;
using Governance.Core.Oversight;
using Spectre.Console;

namespace Governance.Cli.Rendering;

/// <summary>Findings, waivers and alerts.</summary>
internal static class OversightViews
{
    public static void Findings(IAnsiConsole console, Page<FindingDetails> page)
    {
        Draw.Rows(console, ["finding", "severity", "status", "version", "due", "owner", "title"], page.Items.Select(f => (IReadOnlyList<string>)
            [f.Id, Draw.Word(f.Severity), Status(f), Draw.Number(f.Version), Draw.Time(f.Due), f.Owner, f.Title]));
        InventoryViews.More(console, page.Next);
    }

    public static void Finding(IAnsiConsole console, FindingDetails finding)
    {
        Draw.Title(console, $"{finding.Id}: {finding.Title}");
        Draw.Fields(console,
            ("severity", Draw.Word(finding.Severity)),
            ("status", Status(finding)),
            ("about", $"{finding.ModelId}, version {Draw.Number(finding.Version)} and later"),
            ("rule", finding.Rule),
            ("evidence", finding.Evidence?.ToString()),
            ("owner", finding.Owner),
            ("due", Draw.Time(finding.Due)),
            ("raised", $"{Draw.Time(finding.RaisedAt)} by {finding.RaisedByName}"),
            ("what", finding.Description));
        foreach (var note in finding.Notes)
        {
            Draw.Line(console, $"{Draw.Time(note.Time)} {note.PersonName}, {Draw.Word(note.Status)}: {note.Text}");
        }
    }

    public static void Waivers(IAnsiConsole console, Page<WaiverDetails> page)
    {
        Draw.Rows(console, ["waiver", "status", "rule", "version", "target", "expires", "needs"], page.Items.Select(w => (IReadOnlyList<string>)
            [w.Id, Draw.Word(w.Status), w.Rule, Draw.Number(w.Version), Draw.Word(w.Target), Draw.Time(w.Expires), w.Needs ?? ""]));
        InventoryViews.More(console, page.Next);
    }

    public static void Waiver(IAnsiConsole console, WaiverDetails waiver)
    {
        Draw.Title(console, $"{waiver.Id}: {Draw.Word(waiver.Status)}{(waiver.Emergency ? " (emergency)" : "")}");
        Draw.Fields(console,
            ("rule", waiver.Rule),
            ("about", $"{waiver.ModelId}, version {Draw.Number(waiver.Version)}, {Draw.Word(waiver.Target)}"),
            ("expires", Draw.Time(waiver.Expires)),
            ("level", Draw.Number(waiver.Level)),
            ("needs", waiver.Needs),
            ("renewal of", waiver.RenewalOf),
            ("requested", $"{Draw.Time(waiver.RequestedAt)} by {waiver.RequestedByName}"),
            ("reason", waiver.Reason),
            ("risk", waiver.Risk),
            ("control", waiver.Control),
            ("exit", waiver.Exit),
            ("approvals", waiver.Approvals.Count == 0 ? null : string.Join("; ", waiver.Approvals.Select(a => $"{a.PersonName} as {a.Role}, {Draw.Time(a.Time)}"))),
            ("review due", waiver.ReviewDue is { } due ? Draw.Time(due) : null),
            ("reviewed", waiver.Reviewed is { } review ? $"{Draw.Time(review.Time)} by {review.PersonName}: {review.Reason}" : null),
            ("ended", waiver.Ended is { } ended ? $"{Draw.Time(ended.Time)} by {ended.PersonName}: {ended.Reason}" : null));
    }

    public static void Alerts(IAnsiConsole console, Page<Alert> page)
    {
        if (page.Items.Count == 0)
        {
            Draw.Line(console, "Nothing needs attention.");
            return;
        }

        Draw.Rows(console, ["about", "model", "version", "due", "what"], page.Items.Select(a => (IReadOnlyList<string>)
            [a.About, a.ModelId, Draw.Number(a.Version), Draw.Time(a.Due), a.Message]));
    }

    private static string Status(FindingDetails finding) => Draw.Word(finding.Status) + (finding.Overdue ? ", overdue" : "");
}

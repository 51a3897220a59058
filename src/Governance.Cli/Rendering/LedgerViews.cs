using System.Globalization;
using Governance.Cli.Verification;
using Governance.Client.Contracts;
using Governance.Ledger;
using Spectre.Console;

namespace Governance.Cli.Rendering;

internal static class LedgerViews
{
    public static void Logs(IAnsiConsole console, IReadOnlyList<LogDetails> logs) =>
        Draw.Rows(console, ["log", "origin", "entries", "root", "checkpoint"], logs.Select(l => (IReadOnlyList<string>)
            [l.Name, l.Origin, Draw.Number(l.Size), l.Root, Draw.Time(l.SignedAt)]));

    public static void Entries(IAnsiConsole console, Page<LogEntry> page)
    {
        Draw.Rows(console, ["entry", "time", "type", "actor", "leaf hash"], page.Items.Select(e => (IReadOnlyList<string>)
            [Draw.Number(e.Index), Draw.Time(e.Time), e.Type, e.Actor, e.LeafHash]));
        InventoryViews.More(console, page.Next);
    }

    public static void Entry(IAnsiConsole console, LogEntry entry)
    {
        Draw.Title(console, string.Create(CultureInfo.InvariantCulture, $"entry {entry.Index}: {entry.Type}"));
        Draw.Fields(console, ("time", Draw.Time(entry.Time)), ("actor", entry.Actor), ("leaf hash", entry.LeafHash), ("entry", entry.Entry.ToJsonString()));
    }

    public static void Exported(IAnsiConsole console, ExportReport report) => Draw.Line(console, string.Create(
        CultureInfo.InvariantCulture,
        $"{report.Origin}: {report.Copied} segments copied ({report.Bytes} bytes), {report.Present} were there; the copy holds entries 0 to {report.Size - 1}."));

    public static void Verification(IAnsiConsole console, IReadOnlyList<VerificationDetails> verifications)
    {
        foreach (var v in verifications)
        {
            Draw.Line(console, string.Create(CultureInfo.InvariantCulture,
                $"{v.Log}: {(v.Verified ? "verified" : "NOT VERIFIED")}, {v.Size} entries, root {v.Root}, {v.Milliseconds:0} ms"));
            foreach (var finding in v.Findings)
            {
                Draw.Line(console, "  - " + finding);
            }
        }
    }

    public static void Verdict(IAnsiConsole console, LedgerVerdict verdict)
    {
        Draw.Title(console, $"{verdict.Origin}: {(verdict.Verified ? "verified" : "NOT VERIFIED")}");
        Draw.Fields(console,
            ("checkpoint", verdict.Size is { } size ? Draw.Number(size) + " entries" : "none that can be read"),
            ("root", verdict.Root),
            ("entries read", Draw.Number(verdict.Entries)),
            ("keys", verdict.Keys == KeySource.Given ? "given" : "the log's own: it agrees with itself; give --keys to know whose it is"),
            ("time", string.Create(CultureInfo.InvariantCulture, $"{verdict.Milliseconds:0.0} ms")));
        foreach (var finding in verdict.Findings)
        {
            Draw.Line(console, "  - " + finding);
        }
    }
}

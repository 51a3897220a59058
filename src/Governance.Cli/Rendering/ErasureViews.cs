using Governance.Client.Contracts;
using Spectre.Console;

namespace Governance.Cli.Rendering;

internal static class ErasureViews
{
    public static void List(IAnsiConsole console, Page<ErasureDetails> page)
    {
        Draw.Rows(console, ["erasure", "status", "ground", "requested", "by", "approvals"], page.Items.Select(e => (IReadOnlyList<string>)
            [e.Id, Draw.Word(e.Status), e.Ground, Draw.Time(e.RequestedAt), e.RequestedBy, string.Join(", ", e.Approvals.Select(a => $"{a.PersonName} ({a.Role})"))]));
        InventoryViews.More(console, page.Next);
    }

    public static void Show(IAnsiConsole console, ErasureDetails erasure)
    {
        Draw.Title(console, $"Erasure {erasure.Id}: {Draw.Word(erasure.Status)}");
        Draw.Fields(console,
            ("subject reference", erasure.SubjectReference),
            ("ground", erasure.Ground),
            ("requested", $"{Draw.Time(erasure.RequestedAt)} by {erasure.RequestedBy}"),
            ("approvals", string.Join("; ", erasure.Approvals.Select(a => $"{a.PersonName} as {a.Role}, {Draw.Time(a.Time)}"))),
            ("executed", erasure.ExecutedAt is { } at ? Draw.Time(at) : null),
            ("records destroyed", erasure.Records is { } records ? Draw.Number(records) : null),
            ("destroyed root", erasure.DestroyedRoot),
            ("ledger entry", erasure.LedgerIndex is { } index ? Draw.Number(index) : null),
            ("final", erasure.FinalAt is { } final ? Draw.Time(final) : null));
    }
}

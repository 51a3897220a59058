using System.Globalization;
using Governance.Client.Contracts;
using Spectre.Console;

namespace Governance.Cli.Rendering;

internal static class ReviewViews
{
    public static void List(IAnsiConsole console, Page<ReviewDetails> page)
    {
        Draw.Rows(console, ["review", "route", "version", "since", "asked by", "withheld", "status", "who has it"], page.Items.Select(r => (IReadOnlyList<string>)
            [Draw.Number(r.Id), r.Route, Draw.Number(r.Version), Draw.Time(r.Since), r.Client, r.Withheld ? "yes" : "no", r.Status, r.Person ?? ""]));
        InventoryViews.More(console, page.Next);
    }

    public static void Show(IAnsiConsole console, ReviewDetails review)
    {
        Draw.Title(console, $"Review {Draw.Number(review.Id)}: {review.Status}");
        Draw.Fields(console,
            ("route", $"{review.Route} version {Draw.Number(review.Version)}"),
            ("asked by", review.Client),
            ("since", Draw.Time(review.Since)),
            ("withheld", review.Withheld ? "yes: the application waits" : "no: given as provisional"),
            ("person", review.Person),
            ("until", review.Until is { } until ? Draw.Time(until) : null));
        if (review.Payload is { } payload)
        {
            Draw.Rows(console, ["what it rests on", ""], payload.Select(p => (IReadOnlyList<string>)[p.Key, p.Value?.ToJsonString() ?? "null"]));
        }
    }

    public static void Figures(IAnsiConsole console, IReadOnlyList<ReviewFiguresDetails> figures) => Draw.Rows(
        console, ["route", "version", "open", "confirmed", "overridden", "override rate"], figures.Select(f => (IReadOnlyList<string>)
        [
            f.Route, Draw.Number(f.Version), Draw.Number(f.Open), Draw.Number(f.Confirmed), Draw.Number(f.Overridden),
            f.OverrideRate is { } rate ? rate.ToString("P1", CultureInfo.InvariantCulture) : "",
        ]));
}

using System.Globalization;
using Governance.Client.Contracts;
using Spectre.Console;

namespace Governance.Cli.Rendering;

/// <summary>Routes on a terminal.</summary>
internal static class RouteViews
{
    public static void Routes(IAnsiConsole console, Page<RouteDetails> page)
    {
        Draw.Rows(console, ["route", "version", "answers", "canary", "shadows", "pinned"], page.Items.Select(r => (IReadOnlyList<string>)
            [r.Name, Draw.Number(r.Version), r.Answers ? "yes" : r.ClosedCode ?? "no", Canary(r) ?? "", Shadows(r) ?? "", Draw.Number(r.Settings.PinnedVersion)]));
        InventoryViews.More(console, page.Next);
    }

    public static void Route(IAnsiConsole console, RouteDetails route)
    {
        var s = route.Settings;
        Draw.Title(console, $"{route.Name}: {(route.Answers ? $"version {Draw.Number(route.Version)} answers" : route.ClosedCode)}");
        Draw.Fields(console,
            ("closed", route.ClosedDetail),
            ("since", route.Since is { } since ? Draw.Time(since) : null),
            ("canary", Canary(route)),
            ("shadows", Shadows(route)),
            ("pinned", s.PinnedVersion is { } pinned ? "version " + Draw.Number(pinned) : null),
            ("audit", Draw.Word(s.Audit)),
            ("review", s.Review is { } review ? Draw.Word(review.When) : null),
            ("reasons", s.Reasons is { } reasons ? Draw.Word(reasons.When) : null),
            ("counterfactuals", s.Counterfactuals is { } turned ? $"on request, at most {Draw.Number(turned.Most)} features" : null),
            ("counted by", s.Groups is { } groups ? string.Join(", ", groups.Select(g => g.Name)) : null),
            ("copies", s.Export is { } export ? $"to {export.Sink}, {(export.Subjects ? "naming the people" : "naming nobody")}" : null),
            ("upstream", s.Upstream),
            ("pipeline", s.Pipeline is { } pipeline ? string.Create(CultureInfo.InvariantCulture, $"{pipeline.Pre.Count} features prepared, {pipeline.Members.Count + 1} members, {pipeline.Post.Count} steps after scoring") : null),
            ("limits", s.Limits is { } limits ? string.Join(", ", Limits(limits)) : null));
    }

    private static string? Canary(RouteDetails route) =>
        route.Settings.Canary is { } canary ? string.Create(CultureInfo.InvariantCulture, $"version {canary.Version} for {canary.Percent} %") : null;

    private static string? Shadows(RouteDetails route) => route.Settings.Shadows.Count == 0 ? null : string.Join(", ", route.Settings.Shadows.Select(v => Draw.Number(v)));

    private static IEnumerable<string> Limits(Core.Serving.RouteLimits limits)
    {
        if (limits.Rows is { } rows)
        {
            yield return $"{Draw.Number(rows)} rows";
        }

        if (limits.RequestsPerSecond is { } rate)
        {
            yield return $"{Draw.Number(rate)} requests per second and caller";
        }

        if (limits.Concurrency is { } concurrency)
        {
            yield return $"{Draw.Number(concurrency)} at a time";
        }
    }
}

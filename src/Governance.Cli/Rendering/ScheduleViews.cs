using Governance.Client.Contracts;
using Spectre.Console;

namespace Governance.Cli.Rendering;

internal static class ScheduleViews
{
    public static void List(IAnsiConsole console, Page<ScheduleDetails> page) => Draw.Rows(
        console, ["schedule", "cron (UTC)", "next", "last", "outcome", "gateway"],
        page.Items.Select(s => (IReadOnlyList<string>)[s.Name, s.Cron, s.Paused is null ? Draw.Time(s.Next) : "paused", Draw.Time(s.Last), s.Outcome ?? "", s.Node ?? ""]));

    public static void Show(IAnsiConsole console, ScheduleDetails schedule)
    {
        Draw.Title(console, schedule.Name);
        Draw.Line(console, schedule.Summary);
        Draw.Fields(console,
            ("cron (UTC)", schedule.Cron),
            ("runs on", schedule.EveryNode ? "every gateway" : "one gateway"),
            ("missed times", schedule.Missed),
            ("next", Draw.Time(schedule.Next)),
            ("last", schedule.Last is null ? "never" : $"{Draw.Time(schedule.Last)} on {schedule.Node}: {schedule.Outcome}"),
            ("paused", schedule.Paused is null ? null : $"{schedule.Paused} ({schedule.PausedBy})"),
            ("failed for good", schedule.Failure is { } f ? $"{Draw.Time(f.Time)} on {f.Node}, {Draw.Number((long)f.Attempts)} attempts: {f.Reason}" : null));
    }
}

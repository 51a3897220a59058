using System.Globalization;
using Governance.Client.Contracts;
using Spectre.Console;

namespace Governance.Cli.Rendering;

internal static class RunView
{
    public static void Show(IAnsiConsole console, RunDetails run)
    {
        Draw.Title(console, $"Run {run.Id} of {run.ModelId} version {Draw.Number(run.Version)}: {Draw.Word(run.Status)}");
        Draw.Rows(console, ["check", "status", "progress", "finding"], run.Checks.Select(c => (IReadOnlyList<string>)
            [c.Check, Draw.Word(c.Status), c.Progress.ToString("0 %", CultureInfo.InvariantCulture), c.Note ?? ""]));
    }
}

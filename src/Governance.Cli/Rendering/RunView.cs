using System.Globalization;
using Governance.Client.Contracts;
using Spectre.Console;

namespace Governance.Cli.Rendering;

internal static class RunView
{
    public static void Show(IAnsiConsole console, RunDetails run)
    {
        Draw.Title(console, $"Run {run.Id} of {run.ModelId} version {Draw.Number(run.Version)}: {Draw.Word(run.Status)}");
        if (run.Warning is not null)
        {
            Draw.Line(console, run.Warning);
        }

        Draw.Rows(console, ["check", "status", "progress", "finding"], run.Checks.Select(c => (IReadOnlyList<string>)
            [c.Check, Draw.Word(c.Status), c.Progress.ToString("0 %", CultureInfo.InvariantCulture), c.Note ?? ""]));
    }

    public static void Explanation(IAnsiConsole console, RunExplanation run)
    {
        Draw.Fields(console, ("plan", run.Plan.ToString()), ("engine", run.Engine));
        foreach (var stage in run.Stages)
        {
            Draw.Line(console, stage);
        }

        Draw.Rows(console, ["shard", "work", "result", "from"], run.Shards.SelectMany(s => s.Work.Select(w => (IReadOnlyList<string>)
        [
            Draw.Number(s.Index), w.Work, w.Result?.Abbreviated ?? "", w.Cached ? "before" : Node(s),
        ])));
        foreach (var shard in run.Shards.Where(s => s.Problem is not null))
        {
            Draw.Line(console, string.Create(CultureInfo.InvariantCulture, $"Shard {shard.Index}: {shard.Problem}"));
        }
    }

    private static string Node(ShardExplanation shard) =>
        string.Create(CultureInfo.InvariantCulture, $"{shard.Node}, {shard.WallSeconds:0.0} s{(shard.Runs > 1 ? $", run {shard.Runs}" : "")}");
}

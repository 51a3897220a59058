using System.Globalization;
using Governance.Cli.Commands;
using Governance.Jobs.Runs;
using Spectre.Console;

namespace Governance.Cli.Rendering;

/// <summary>Draws check plans and how they ended.</summary>
internal static class PlanViews
{
    public static void Plan(IAnsiConsole console, PlanSummary summary)
    {
        var plan = summary.Plan;
        Draw.Fields(console,
            ("plan", summary.Id.ToString()),
            ("document", summary.Path),
            ("model", plan.Model.Artifact.ToString()),
            ("data", string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", plan.Evaluation.Parts.Select(p => p.File))} ({plan.Evaluation.Rows} rows)")),
            ("checks", Draw.Number(plan.Checks.Count)),
            ("code", plan.Code.ToString()));
        foreach (var stage in plan.Stages)
        {
            Draw.Line(console, $"{stage.Name}: {stage.Why}");
        }

        Draw.Rows(console, ["shard", "stage", "seconds", "work"], plan.Stages.SelectMany(s => s.Shards.Select(shard => (Stage: s.Name, Shard: shard))).Select((s, i) => (IReadOnlyList<string>)
        [
            Draw.Number(i), s.Stage, s.Shard.EstimatedSeconds.ToString("0.0", CultureInfo.InvariantCulture), Work(s.Shard.Work.Select(w => w.Check)),
        ]));
    }

    public static void Outcome(IAnsiConsole console, PlanOutcome outcome)
    {
        Draw.Rows(console, ["check", "result", "note"], outcome.Outcomes
            .Select(o => (IReadOnlyList<string>)[o.Check, o.Result?.ComputeDigest().Abbreviated ?? "not applicable", o.NotApplicable ?? ""])
            .Concat(outcome.Failures.Select(f => (IReadOnlyList<string>)[f.Check, "failed", f.Reason])));
        var s = outcome.Statistics;
        Draw.Line(console, string.Create(CultureInfo.InvariantCulture,
            $"{s.Items} results: {s.Hits} were there, {s.Computed} computed by {s.ShardRuns} shard runs ({s.Retries} started again) in {s.WallSeconds:0.0} s; {s.ShardSeconds:0.0} s of shards on {s.Slots} slots, {s.Efficiency:P0} busy."));
    }

    private static string Work(IEnumerable<string> checks)
    {
        var names = checks.Distinct(StringComparer.Ordinal).ToList();
        return names.Count <= 3 ? string.Join(", ", names) : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names.Take(3))} and {names.Count - 3} more");
    }
}

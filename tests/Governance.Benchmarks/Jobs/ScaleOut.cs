using System.Globalization;
using Governance.Core.Evidence;
using Governance.Jobs.Plans;
using Governance.Reports.Charts;

namespace Governance.Benchmarks.Jobs;

/// <summary>
/// A plan carried out on paper: laid out for each number of slots by the planner itself; shards start in order as slots and the engine's rate
/// allow, each takes the model's start-up and its estimated seconds, and a stage waits for the one before it. On an engine whose tasks go on by themselves
/// launching and start-up are paid by the first shard of a slot only.
/// </summary>
internal sealed record ScaleOut(string Engine, IReadOnlyList<ScaleOut.Point> Points)
{
    private static readonly int[] Slots = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000];

    /// <param name="WorkSeconds">All estimated work, without start-up: what one slot would need.</param>
    /// <param name="LongestShard">Start-up and work of the longest shard.</param>
    public sealed record Point(string Item, string Engine, int Rows, int Slots, int Shards, double WorkSeconds, double WallSeconds, double Speedup, double Efficiency, double LongestShard);

    public static ScaleOut Simulate(CheckPlan draft, CostModel costs, EngineOverhead overhead) => new(overhead.Engine, [.. Slots.Select(slots =>
    {
        var plan = Planner.Lay(draft, costs, slots, overhead.ShardsPerSecond);
        var work = plan.Shards().Sum(s => s.EstimatedSeconds);
        var wall = overhead.GoesOn
            ? overhead.FirstSeconds + Makespan(plan.Stages, slots, costs.StartSeconds, 1 / overhead.ShardsPerSecond)
            : plan.Stages.Sum(s => overhead.FirstSeconds + Makespan([s], slots, costs.StartSeconds, 1 / overhead.ShardsPerSecond));
        return new Point(
            "scale_out_simulated", overhead.Engine, draft.Evaluation.Rows, slots, plan.Shards().Count, Math.Round(work, 1), Math.Round(wall, 1), Math.Round(work / wall, 1), Math.Round(work / (wall * slots), 3),
            Math.Round(costs.StartSeconds + plan.Shards().Max(s => s.EstimatedSeconds), 1));
    })]);

    public string Draw(int rows)
    {
        var (x, y) = (new Column("slots", "slots"), new Column("speedup", "speed-up over one slot without overhead"));
        var table = new Table("scaling", "Scaling", [x, y], [.. Points.Select(p => (IReadOnlyList<Cell>)[new Cell(p.Slots), new Cell(p.Speedup)])]);
        return LineChart.Draw(table, x, y, new ChartOptions($"scaling-{Engine}", string.Create(CultureInfo.InvariantCulture, $"Simulated speed-up of the standard checks on {rows:N0} rows, {Engine}")));
    }

    /// <summary>Slots that are launched once, and take the shards of one stage after another.</summary>
    private static double Makespan(IReadOnlyList<PlanStage> stages, int slots, double start, double gap)
    {
        // By when it is free; whether it was launched is whether that is after 0.
        var free = new PriorityQueue<double, double>(Enumerable.Repeat((0.0, 0.0), slots));
        var (launched, end) = (0.0, 0.0);
        foreach (var stage in stages)
        {
            var before = end;
            foreach (var shard in stage.Shards)
            {
                var at = free.Dequeue();
                var (begins, needs) = stages.Count > 1 && at > 0
                    ? (Math.Max(at, before), shard.EstimatedSeconds)
                    : (launched = Math.Max(launched + gap, Math.Max(at, before)), start + shard.EstimatedSeconds);
                free.Enqueue(begins + needs, begins + needs);
                end = Math.Max(end, begins + needs);
            }
        }

        return end;
    }
}

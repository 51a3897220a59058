using System.Globalization;
using Governance.Checks;

namespace Governance.Jobs.Plans;

/// <summary>
/// Cuts a plan's work into shards: as many as keep every slot busy to the end, none so small that starting it costs more than a fifth of its
/// work. A pure function of its arguments.
/// </summary>
public static class Planner
{
    /// <summary>Shards per slot where the work suffices: the last to finish then wastes little.</summary>
    private const int ShardsPerSlot = 3;

    /// <summary>A shard works at least this many times as long as it takes to start.</summary>
    private const double WorkPerStart = 4;

    private const int MaxShards = 10_000;

    /// <param name="draft">The plan without stages.</param>
    /// <param name="slots">Shards the engine runs at once; 1 or more.</param>
    public static CheckPlan Lay(CheckPlan draft, CostModel costs, int slots)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        return draft with { Stages = [Maps(draft, costs, slots), Reduces(draft, costs, slots)] };
    }

    private static PlanStage Maps(CheckPlan plan, CostModel costs, int slots)
    {
        var rows = plan.Evaluation.Rows;
        var thousands = rows / 1000.0;
        var total = plan.Checks.Sum(c => costs.Of(c.Id).SecondsPerThousandRows * thousands);
        var shards = Count(total, costs.StartSeconds, slots);
        var target = total / shards;
        var items = plan.Checks.SelectMany(check =>
        {
            var seconds = costs.Of(check.Id).SecondsPerThousandRows * thousands;
            var parts = target > 0 ? Math.Clamp((int)Math.Ceiling(seconds / target), 1, Math.Max(1, rows)) : 1;
            return LocalEngine.Split(rows, parts).Select(range => (Seconds: seconds * range.Count / Math.Max(1, rows), Item: new WorkItem(check.Id, range)));
        });
        return Stage("map", Why(total, shards, slots, costs.StartSeconds), Pack(items, shards));
    }

    private static PlanStage Reduces(CheckPlan plan, CostModel costs, int slots)
    {
        var items = plan.Checks.Select(c => (Seconds: costs.Of(c.Id).ReduceSeconds, Item: new WorkItem(c.Id, null))).ToList();
        var total = items.Sum(i => i.Seconds);
        var shards = Math.Min(items.Count, Count(total, costs.StartSeconds, slots));
        return Stage("reduce", Why(total, shards, slots, costs.StartSeconds), Pack(items, shards));
    }

    private static int Count(double seconds, double start, int slots)
    {
        var affordable = (int)Math.Min(MaxShards, seconds / (start * WorkPerStart));
        var wanted = Math.Min(affordable, slots * ShardsPerSlot);

        // Fewer shards than slots leave slots empty, so the last rounds fill them all while a shard still works longer than it starts.
        return Math.Max(1, wanted >= slots ? wanted / slots * slots : Math.Min(slots, (int)Math.Min(MaxShards, seconds / start)));
    }

    /// <summary>Longest first onto the least loaded shard (Graham 1969); ties by the order given.</summary>
    private static List<PlannedShard> Pack(IEnumerable<(double Seconds, WorkItem Item)> items, int shards)
    {
        var load = new double[shards];
        var work = Enumerable.Range(0, shards).Select(_ => new List<WorkItem>()).ToList();
        foreach (var (seconds, item) in items.OrderByDescending(i => i.Seconds))
        {
            var least = Array.IndexOf(load, load.Min());
            load[least] += seconds;
            work[least].Add(item);
        }

        return [.. work.Select((w, i) => new PlannedShard(Math.Round(load[i], 3), w)).Where(s => s.Work.Count > 0)];
    }

    private static PlanStage Stage(string name, string why, IReadOnlyList<PlannedShard> shards) => new(name, why, shards);

    private static string Why(double seconds, int shards, int slots, double start) => string.Create(CultureInfo.InvariantCulture,
        $"About {seconds:0.#} s of work in {shards} {(shards == 1 ? "shard" : "shards")} for {slots} {(slots == 1 ? "slot" : "slots")}; starting one takes about {start:0.#} s.");
}

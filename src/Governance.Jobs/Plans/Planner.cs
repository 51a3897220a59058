using System.Globalization;
using Governance.Checks;

namespace Governance.Jobs.Plans;

/// <summary>
/// Cuts a plan's work into shards: as many as keep every slot busy to the end, none so small that starting it costs more than a fifth of its
/// work. What a check's stage needs lies in the plan's stage before it. A pure function of its arguments.
/// </summary>
public static class Planner
{
    /// <summary>Shards per slot where the work suffices: the last to finish then wastes little.</summary>
    private const int ShardsPerSlot = 3;

    /// <summary>A shard works at least this many times as long as it takes to start.</summary>
    private const double WorkPerStart = 4;

    private const int MaxShards = 10_000;

    /// <summary>States that outlive added rows are cut by rows, not by cost, so that the next plan cuts them at the same places.</summary>
    private const int BlockRows = 32_768;

    /// <param name="draft">The plan without stages.</param>
    /// <param name="slots">Shards the engine runs at once; 1 or more.</param>
    /// <param name="launchesPerSecond">Shards the engine starts a second, at most; more than 0.</param>
    public static CheckPlan Lay(CheckPlan draft, CostModel costs, int slots, double launchesPerSecond = double.PositiveInfinity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(launchesPerSecond);
        var steps = draft.Checks.SelectMany(c => Steps(draft, c, costs)).ToLookup(s => s.Depth);
        return draft with { Stages = [.. Enumerable.Range(0, steps.Count).Select(depth => Lay(draft, [.. steps[depth]], costs.StartSeconds, slots, launchesPerSecond))] };
    }

    /// <summary>A check's stages and its result, each one step deeper than the one before.</summary>
    private static IEnumerable<Step> Steps(CheckPlan plan, PlannedCheck check, CostModel costs)
    {
        var cost = costs.Of(check.Id);
        var stages = CheckStages.Of(CheckCatalogue.Find(check.Id), plan.Evaluation.Rows, check.Parameters.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal));
        foreach (var (depth, stage) in stages.Index())
        {
            yield return new Step(check.Id, depth, stage, stage.Parts * (stage.Unit == CheckStage.Rows ? cost.SecondsPerThousandRows / 1000 : cost.SecondsPerPart));
        }

        yield return new Step(check.Id, stages.Count, null, cost.ReduceSeconds);
    }

    private static PlanStage Lay(CheckPlan plan, IReadOnlyList<Step> steps, double start, int slots, double rate)
    {
        var total = steps.Sum(s => s.Seconds);
        var count = Count(total, start, slots, rate);
        var shards = Pack(steps.SelectMany(s => Items(plan, s, total / count)), count);
        var kinds = steps.Select(s => s.Stage is null ? "reduce" : "map").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new PlanStage(string.Join(" and ", kinds), Why(total, shards.Count, slots, start), shards);
    }

    private static IEnumerable<(double Seconds, WorkItem Item)> Items(CheckPlan plan, Step step, double target)
    {
        if (step.Stage is not { } stage)
        {
            return [(step.Seconds, WorkItem.ResultOf(step.Check, step.Depth))];
        }

        // Few pieces are rounded up, so that none is much longer than the rest; many are rounded down, so that none is left without a shard of its own.
        var pieces = target > 0 ? step.Seconds / target : 1;
        var wanted = Math.Clamp((int)(pieces < 8 ? Math.Ceiling(pieces) : Math.Floor(pieces)), 1, Math.Max(1, stage.Parts));
        var ranges = stage.Unit == CheckStage.Rows && PlanKeys.IsRowLocal(plan, step.Check) ? Blocks(plan.Evaluation.Parts) : RowRange.Split(stage.Parts, wanted);
        return ranges.Select(r => (step.Seconds * r.Count / Math.Max(1, stage.Parts), new WorkItem(step.Check, step.Depth, stage.Unit, r)));
    }

    /// <summary>The rows of each part in blocks; what follows a part does not move its blocks.</summary>
    private static List<RowRange> Blocks(IReadOnlyList<PlannedPart> parts)
    {
        var blocks = new List<RowRange>();
        var first = 0;
        foreach (var part in parts)
        {
            for (var row = 0; row < part.Rows || (row == 0 && parts.Count == 1); row += BlockRows)
            {
                blocks.Add(new RowRange(first + row, Math.Min(BlockRows, part.Rows - row)));
            }

            first += part.Rows;
        }

        return blocks;
    }

    private static int Count(double seconds, double start, int slots, double rate)
    {
        // Launching n shards takes n / rate, their work then seconds / n: the sum is least at n = sqrt(seconds × rate).
        var most = Math.Max(1, (int)Math.Min(MaxShards, Math.Sqrt(seconds * rate)));
        slots = Math.Min(slots, most);
        var affordable = Math.Min(most, (int)Math.Min(MaxShards, seconds / (start * WorkPerStart)));
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

    private static string Why(double seconds, int shards, int slots, double start) => string.Create(CultureInfo.InvariantCulture,
        $"About {seconds:0.#} s of work in {shards} {(shards == 1 ? "shard" : "shards")} for {slots} {(slots == 1 ? "slot" : "slots")}; starting one takes about {start:0.#} s.");

    /// <param name="Depth">The plan's stage.</param>
    /// <param name="Stage">Null for the result.</param>
    private sealed record Step(string Check, int Depth, CheckStage? Stage, double Seconds);
}

using Governance.Core;
using Governance.Jobs.Plans;
using Governance.Jobs.Shards;

namespace Governance.Jobs.Runs;

/// <summary>What of a plan is done and what is left. Not thread-safe.</summary>
internal sealed class PlanWork
{
    private readonly CheckPlan plan;
    private readonly ResultStore results;
    private readonly IReadOnlyList<PlannedShard> shards;
    private readonly Dictionary<WorkItem, Digest> keys;
    private readonly HashSet<WorkItem> missing = [];
    private readonly Dictionary<string, string> failures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<WorkItem>> byCheck = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ShardReport> reports = new(StringComparer.Ordinal);
    private readonly HashSet<string> earlier = [];
    private readonly int hits;
    private RunFolder? marks;
    private int retries;

    public PlanWork(CheckPlan plan, ResultStore results)
    {
        this.plan = plan;
        this.results = results;
        shards = plan.Shards();
        var of = new PlanKeys(plan);
        var items = shards.SelectMany(s => s.Work).ToList();
        keys = items.ToDictionary(i => i, of.Of);
        foreach (var item in items)
        {
            if (!byCheck.TryGetValue(item.Check, out var list))
            {
                byCheck[item.Check] = list = [];
            }

            list.Add(item);
        }

        // A check whose result is there needs none of its states.
        foreach (var (_, list) in byCheck.Where(c => !IsWhole(c.Value[^1])))
        {
            missing.UnionWith(list.Where(i => !IsWhole(i)));
        }

        hits = items.Count - missing.Count;
    }

    /// <summary>What earlier runs of the plan reported is not this run's; failures of this one are marked in the folder, so that shards leave those checks alone.</summary>
    public void PassOver(RunFolder folder)
    {
        marks = folder;
        earlier.UnionWith(Enumerable.Range(0, shards.Count).SelectMany(folder.Reports).Select(r => r.Nonce));
    }

    /// <summary>Those of the reports that this run's shards left.</summary>
    public IReadOnlyList<ShardReport> Latest(IReadOnlyList<ShardReport> all) => [.. all.Where(r => !earlier.Contains(r.Nonce))];

    /// <summary>Whether a shard has work left that may still succeed.</summary>
    public bool IsOpen(int index) => shards[index].Work.Any(w => missing.Contains(w) && !failures.ContainsKey(w.Check));

    /// <summary>Takes note of what is stored by now, and of what the reports of a shard say.</summary>
    public void Refresh(int index, IReadOnlyList<ShardReport> all)
    {
        missing.RemoveWhere(w => shards[index].Work.Contains(w) && IsWhole(w));
        foreach (var report in Latest(all))
        {
            reports[report.Nonce] = report;
            foreach (var item in report.Items.Where(i => i.Failure is not null && missing.Contains(i.Work)))
            {
                Fail(item.Work.Check, $"The check failed ({item.Failure}). The shard's log has the details.");
            }
        }
    }

    public void Retried() => retries++;

    /// <summary>Gives up on what a shard has left.</summary>
    public void GiveUp(int index, string reason)
    {
        foreach (var item in shards[index].Work.Where(missing.Contains))
        {
            Fail(item.Check, reason);
        }
    }

    private void Fail(string check, string reason)
    {
        if (failures.TryAdd(check, reason))
        {
            marks?.MarkFailed(check);
        }
    }

    /// <param name="running">Shards at work: what they have stored is looked for.</param>
    public PlanProgress Progress(IEnumerable<int> running)
    {
        foreach (var item in running.SelectMany(i => shards[i].Work).Where(missing.Contains).Where(IsStored).ToList())
        {
            missing.Remove(item);
        }

        return new PlanProgress(byCheck.ToDictionary(c => c.Key, c => (c.Value.Count(i => !missing.Contains(i)), c.Value.Count), StringComparer.Ordinal));
    }

    public PlanOutcome Conclude(TimeSpan wall, int slots)
    {
        var outcomes = new List<CheckOutcome>();
        foreach (var check in plan.Checks.Where(c => !failures.ContainsKey(c.Id)))
        {
            try
            {
                if (results.Find(keys[byCheck[check.Id][^1]]) is { } stored)
                {
                    outcomes.Add(GovernanceJson.Deserialize<CheckOutcome>(stored.Content.Span));
                    continue;
                }

                failures[check.Id] = "The result was computed and is gone: was the results folder cleared while the run was on?";
            }
            catch (ResultConflictException e)
            {
                failures[check.Id] = e.Message;
            }
        }

        var computed = reports.Values.SelectMany(r => r.Items).Count(i => i is { Cached: false, Failure: null });
        return new PlanOutcome(
            plan.Id(),
            outcomes,
            [.. failures.Select(f => new CheckFailure(f.Key, f.Value))],
            new PlanStatistics(keys.Count, hits, computed, reports.Count, retries, Math.Round(wall.TotalSeconds, 3), Math.Round(reports.Values.Sum(r => r.Usage.WallSeconds), 3), slots),
            [.. reports.Values.OrderBy(r => r.Index)]);
    }

    private bool IsWhole(WorkItem item) => results.HasWhole(keys[item]);

    private bool IsStored(WorkItem item) => results.Contains(keys[item]);
}

using Governance.Client.Contracts;
using Governance.Core.State;
using Governance.Jobs.Plans;

namespace Governance.Gateway.Runs;

/// <summary>What a run's shards did, from the folder of its plan.</summary>
internal sealed class RunExplainer(RunEngine engine)
{
    /// <summary>Null when nothing is kept of the run: it waits still, or the jobs folder was cleared.</summary>
    public RunExplanation? Explain(RunState run)
    {
        var jobs = engine.FolderOf(run);
        if (jobs.PlanOf(run.Id) is not { } id || jobs.Plan(id).ReadPlan() is not { } plan)
        {
            return null;
        }

        var (folder, keys) = (jobs.Plan(id), new PlanKeys(plan));
        return new RunExplanation(run.Id, id, run.Options.Engine ?? engine.Options.Engine, [.. plan.Stages.Select(s => $"{s.Name}: {s.Why}")], [.. plan.Shards().Select((shard, index) =>
        {
            var reports = folder.Reports(index);
            var latest = reports.MaxBy(r => r.Usage.StartedAt);
            var computed = reports.SelectMany(r => r.Items).Where(i => i is { Cached: false, Result: not null }).Select(i => i.Work).ToHashSet();
            return new ShardExplanation(
                index, shard.EstimatedSeconds, reports.Count, latest?.Usage.WallSeconds, latest?.Usage.CpuSeconds, latest?.Usage.PeakMiB, latest?.Usage.Node, latest?.Problem,
                [.. shard.Work.Select(w => new WorkExplanation(w.ToString(), keys.Of(w), jobs.Results.Find(keys.Of(w))?.Digest, !computed.Contains(w)))]);
        })]);
    }

    /// <summary>The end of what a shard wrote; empty when it wrote nothing, null when there is no such shard.</summary>
    public async Task<string?> LogAsync(RunState run, int shard, CancellationToken cancellationToken)
    {
        var jobs = engine.FolderOf(run);
        if (jobs.PlanOf(run.Id) is not { } id || jobs.Plan(id).ReadPlan() is not { } plan || shard < 0 || shard >= plan.Shards().Count)
        {
            return null;
        }

        return await engine.RunnerOf(run).LogAsync(jobs.Plan(id), shard, cancellationToken);
    }
}

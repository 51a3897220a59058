using Governance.Core;
using Governance.Jobs.Engines;
using Governance.Jobs.Plans;

namespace Governance.Jobs.Shards;

/// <summary>Runs a shard of a job in this process, with inputs shared between shards.</summary>
public static class InProcessShard
{
    /// <returns>The shard's exit code.</returns>
    public static async Task<int> RunAsync(
        ShardJob job, int index, ResultStore results, SharedInputs inputs, TimeProvider time, CancellationToken cancellationToken)
    {
        var folder = new RunFolder(job.Folder);
        var plan = GovernanceJson.Deserialize<CheckPlan>(await File.ReadAllBytesAsync(folder.PlanPath, cancellationToken));
        var report = await new ShardRunner(results, folder, time).RunAsync(plan, index, token => inputs.LoadAsync(plan, token), cancellationToken);
        return report.ExitCode;
    }
}

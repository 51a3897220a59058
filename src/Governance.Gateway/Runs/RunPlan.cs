using Governance.Core.State;
using Governance.Jobs.Plans;

namespace Governance.Gateway.Runs;

/// <summary>From a run of checks on a version to the plan of it, for the engine that is to carry it out.</summary>
internal static class RunPlan
{
    public static CheckPlan Of(QueuedRun run, GovernanceState state, RunEngine engine)
    {
        var resources = new ShardResources(
            MemoryMiB: engine.Options.ShardMemoryMiB, Gpus: engine.Options.ShardGpus, Minutes: engine.Options.ShardMinutes, GpuUse: engine.Options.Gpu);
        var target = engine.Of(run.Run);
        return Planner.Lay(VersionPlan.Draft(state, run.ModelId, run.Version, run.Run, resources), engine.Folder.ReadCosts(), target.Slots, target.LaunchesPerSecond);
    }

    /// <summary>How long the shards take by what such shards took so far, when all slots are the run's.</summary>
    public static TimeSpan Estimate(CheckPlan plan, int slots) => TimeSpan.FromSeconds(
        plan.Stages.Where(s => s.Shards.Count > 0).Sum(s => Math.Max(s.Shards.Max(x => x.EstimatedSeconds), s.Shards.Sum(x => x.EstimatedSeconds) / slots)));
}

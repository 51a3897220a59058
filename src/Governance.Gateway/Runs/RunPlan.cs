using Governance.Checks;
using Governance.Core.State;
using Governance.Jobs;
using Governance.Jobs.Plans;

namespace Governance.Gateway.Runs;

/// <summary>From a run of checks on a version to the plan of it.</summary>
internal static class RunPlan
{
    public static CheckPlan Of(QueuedRun run, GovernanceState state, RunEngine engine)
    {
        var submission = state.Version(run.ModelId, run.Version)!.Submission;
        var (training, evaluation) = (state.Datasets[submission.TrainingDataset], state.Datasets[submission.EvaluationDataset]);
        var draft = new CheckPlan
        {
            Code = Provenance.CodeDigest,
            Model = new PlannedModel(submission.Artifact, submission.Features),
            Evaluation = new PlannedData(evaluation.Digest, evaluation.SchemaDigest, (int)evaluation.Rows, submission.ReferenceScore),
            Training = new PlannedData(training.Digest, training.SchemaDigest, (int)training.Rows),
            Threshold = submission.Threshold,
            FavourablePrediction = submission.FavourablePrediction,
            ReferenceGroups = [.. evaluation.Protected.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => new ReferenceGroup(p.Key, p.Value))],
            Seed = run.Run.Seed,
            Checks = [.. run.Run.Checks.Select(c => new PlannedCheck(c, CheckCatalogue.Find(c)!.Descriptor.Version, Parameters(run, c)))],
            Stages = [],
            Resources = new ShardResources(MemoryMiB: engine.Options.ShardMemoryMiB, Minutes: engine.Options.ShardMinutes),
        };
        return Planner.Lay(draft, engine.Folder.ReadCosts(), engine.Of(run.Run).Slots);
    }

    /// <summary>How long the shards take by what such shards took so far, when all slots are the run's.</summary>
    public static TimeSpan Estimate(CheckPlan plan, int slots) => TimeSpan.FromSeconds(
        plan.Stages.Where(s => s.Shards.Count > 0).Sum(s => Math.Max(s.Shards.Max(x => x.EstimatedSeconds), s.Shards.Sum(x => x.EstimatedSeconds) / slots)));

    private static IReadOnlyList<PlannedParameter> Parameters(QueuedRun run, string check) =>
        [.. (run.Run.Options.Parameters ?? []).Where(p => p.Check == check).OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => new PlannedParameter(p.Name, p.Value))];
}

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
            Evaluation = PlannedData.OfFile(evaluation.Digest, evaluation.SchemaDigest, (int)evaluation.Rows, submission.ReferenceScore),
            Training = PlannedData.OfFile(training.Digest, training.SchemaDigest, (int)training.Rows),
            Threshold = submission.Threshold,
            FavourablePrediction = submission.FavourablePrediction,
            ReferenceGroups = [.. evaluation.Protected.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => new ReferenceGroup(p.Key, p.Value))],
            Seed = run.Run.Seed,
            Checks = [.. run.Run.Checks.Select(c => new PlannedCheck(c, CheckCatalogue.Find(c)!.Descriptor.Version, []))],
            Stages = [],
            Resources = new ShardResources(
                MemoryMiB: engine.Options.ShardMemoryMiB, Gpus: engine.Options.ShardGpus, Minutes: engine.Options.ShardMinutes, GpuUse: engine.Options.Gpu),
        };
        return Planner.Lay(draft, engine.Folder.ReadCosts(), engine.Engine.Slots);
    }
}

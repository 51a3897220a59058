using System.Globalization;
using Governance.Checks;
using Governance.Core.Evidence;
using Governance.Core.Inventory;
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
        var settings = run.Run.Settings ?? new RunSettings();
        PlannedModel Model(int number) => Planned(state.Version(run.ModelId, number)!.Submission);
        var draft = new CheckPlan
        {
            Code = Provenance.CodeDigest,
            Model = Planned(submission),
            Evaluation = PlannedData.OfFile(evaluation.Digest, evaluation.SchemaDigest, (int)evaluation.Rows, submission.ReferenceScore),
            Training = PlannedData.OfFile(training.Digest, training.SchemaDigest, (int)training.Rows),
            Threshold = submission.Threshold,
            FavourablePrediction = submission.FavourablePrediction,
            ReferenceGroups = [.. evaluation.Protected.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => new ReferenceGroup(p.Key, p.Value))],
            Champion = settings.Champion is { } champion ? Model(champion) : null,
            Previous = settings.Previous is { } previous ? Model(previous) : null,
            Alternatives = settings.Alternatives is { } numbers ? [.. numbers.Select(n => new PlannedAlternative(string.Create(CultureInfo.InvariantCulture, $"version {n}"), Model(n)))] : null,
            FeatureRules = settings.FeatureRules,
            Seed = run.Run.Seed,
            Checks = [.. run.Run.Checks.Select(c => new PlannedCheck(c, CheckCatalogue.Find(c)!.Descriptor.Version, [.. (settings.Parameters ?? []).Where(p => p.Check == c).Select(p => new PlannedParameter(p.Name, p.Value))]))],
            Stages = [],
            Resources = new ShardResources(
                MemoryMiB: engine.Options.ShardMemoryMiB, Gpus: engine.Options.ShardGpus, Minutes: engine.Options.ShardMinutes, GpuUse: engine.Options.Gpu),
        };
        return Planner.Lay(draft, engine.Folder.ReadCosts(), engine.Of(run.Run).Slots);
    }

    /// <summary>How long the shards take by what such shards took so far, when all slots are the run's.</summary>
    public static TimeSpan Estimate(CheckPlan plan, int slots) => TimeSpan.FromSeconds(
        plan.Stages.Where(s => s.Shards.Count > 0).Sum(s => Math.Max(s.Shards.Max(x => x.EstimatedSeconds), s.Shards.Sum(x => x.EstimatedSeconds) / slots)));

    private static PlannedModel Planned(VersionSubmission submission) => new(submission.Artifact, submission.Features);
}

using System.Globalization;
using Governance.Checks;
using Governance.Core.Evidence;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Jobs.Plans;

/// <summary>From a run of checks on a registered version to the plan of it. A pure function of the recorded state.</summary>
public static class VersionPlan
{
    /// <summary>The plan without stages, for <see cref="Planner"/>.</summary>
    /// <param name="run">A run of the version: its checks, seed and settings.</param>
    public static CheckPlan Draft(GovernanceState state, string modelId, int version, RunState run, ShardResources resources)
    {
        var submission = state.Version(modelId, version)!.Submission;
        var (training, evaluation) = (state.Datasets[submission.TrainingDataset], state.Datasets[submission.EvaluationDataset]);
        var settings = run.Settings ?? new RunSettings();
        PlannedModel Model(int number) => Planned(state.Version(modelId, number)!.Submission);
        return new CheckPlan
        {
            Code = Provenance.CodeDigest,
            Model = Planned(submission),
            Evaluation = Planned(evaluation) with { ReferenceScore = submission.ReferenceScore, Levels = evaluation.Levels },
            Training = Planned(training),
            Threshold = submission.Threshold,
            FavourablePrediction = submission.FavourablePrediction,
            ReferenceGroups = [.. evaluation.Protected.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => new ReferenceGroup(p.Key, p.Value))],
            Champion = settings.Champion is { } champion ? Model(champion) : null,
            Previous = settings.Previous is { } previous ? Model(previous) : null,
            Alternatives = settings.Alternatives is { } numbers ? [.. numbers.Select(n => new PlannedAlternative(string.Create(CultureInfo.InvariantCulture, $"version {n}"), Model(n)))] : null,
            FeatureRules = settings.FeatureRules,
            Seed = run.Seed,
            Checks = [.. run.Checks.Select(c => new PlannedCheck(c, CheckCatalogue.Find(c)!.Descriptor.Version, [.. (settings.Parameters ?? []).Where(p => p.Check == c).Select(p => new PlannedParameter(p.Name, p.Value))]))],
            Stages = [],
            Resources = resources,
        };
    }

    private static PlannedModel Planned(VersionSubmission submission) => new(submission.Artifact, submission.Features);

    private static PlannedData Planned(DatasetRegistration dataset) => new([.. dataset.Files().Select(f => new PlannedPart(f.File, (int)f.Rows))], dataset.SchemaDigest);
}

using Governance.Checks.Explainability.Counterfactuals;
using Governance.Core;
using Governance.Core.State;
using Governance.Data;
using Governance.Gateway.Intake;
using Governance.Models;
using Governance.Serving;

namespace Governance.Gateway.Inference.Counterfactuals;

/// <summary>
/// Explainers by version, as the check of counterfactuals makes them: over the evaluation data, by the rules that the data declare and those its latest evidence of that
/// check was computed with. Only what a rule says an applicant can change is ever changed: a feature nobody declared stays as it is. Thread-safe.
/// </summary>
internal sealed class CounterfactualLibrary(VersionMaterial material)
{
    public const string Unavailable = "counterfactuals-unavailable";

    private const string Check = "explainability.counterfactuals";

    /// <summary>Most single changes tried for a row: many features are tried at fewer values each.</summary>
    private const int MostSingleChanges = 8192;

    private static readonly FeatureRule Fixed = new() { IsMutable = false };

    private readonly MadeOnce<(Digest Artifact, string Model, int Version, Digest? Rules), CounterfactualExplainer> made = new(most: 64);

    /// <summary>The explainer of a version. Work that was begun goes on when the caller stops waiting.</summary>
    /// <exception cref="ScoringException">It cannot be made: data or model are missing or altered, or no rule says what an applicant can change.</exception>
    public async Task<CounterfactualExplainer> GetAsync(VersionState version, CancellationToken cancellationToken)
    {
        var rules = version.Evidence.GetValueOrDefault(Check) is { RunId: var id } ? version.Runs.Find(r => r.Id == id)?.Settings?.FeatureRules : null;
        CounterfactualExplainer explainer;
        try
        {
            explainer = await made.GetAsync((version.Submission.Artifact, version.ModelId, version.Number, rules), () => MakeAsync(version, rules), cancellationToken);
        }
        catch (Exception e) when (e is DatasetUnreadableException or ModelRefusedException or KeyNotFoundException)
        {
            throw new ScoringException(Unavailable, $"What would turn decisions of version {version.Number} cannot be found: {e.Message}", e);
        }

        return explainer.CanChange
            ? explainer
            : throw new ScoringException(
                Unavailable, $"No rule says that an applicant can change a feature of version {version.Number}. Declare rules in the schema of its evaluation data, or run {Check} with them.");
    }

    private async Task<CounterfactualExplainer> MakeAsync(VersionState version, Digest? run)
    {
        var submission = version.Submission;
        var declared = material.Rules(version);
        if (run is { } digest)
        {
            declared = FeatureRuleFile.Read(material.File(digest), submission.Features).Rules is { } own
                ? FeatureRuleFile.Over(declared, own)
                : throw new KeyNotFoundException("the feature rules of its evidence are missing or were altered.");
        }

        var table = await material.TableAsync(submission.EvaluationDataset);
        var rows = Math.Min(table.RowCount, CounterfactualExplainer.UsualRows);
        return CounterfactualExplainer.Create(
            material.Model(submission), submission.Features.ToDictionary(f => f, f => declared.GetValueOrDefault(f, Fixed), StringComparer.Ordinal), table,
            Enumerable.Range(0, rows).Select(i => (int)((long)i * table.RowCount / rows)), submission.Threshold, submission.FavourablePrediction,
            Math.Clamp(MostSingleChanges / submission.Features.Count, 3, CounterfactualExplainer.UsualGridPoints));
    }
}

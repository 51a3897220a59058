using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>Submits a scanned ONNX file as the next version of a model. Numbers are given by the log, not by the caller.</summary>
public sealed record SubmitVersion(
    string ModelId,
    Digest Artifact,
    string Description,
    IReadOnlyList<string> Features,
    string TrainingDataset,
    string EvaluationDataset,
    double Threshold,
    int FavourablePrediction,
    string? ReferenceScore = null) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("submit a version", Role.Developer) is { } refusal)
        {
            return refusal;
        }

        if (context.State.Model(ModelId) is not { } model)
        {
            return Unknown.Model(ModelId);
        }

        if (!model.Registration.Developers.Contains(context.Caller.Subject, StringComparer.Ordinal))
        {
            return Refusal.Forbidden("not-a-developer", $"You are not one of the developers of '{ModelId}'; one of them submits versions.");
        }

        foreach (var (id, use) in new[] { (TrainingDataset, DatasetUse.Training), (EvaluationDataset, DatasetUse.Evaluation) })
        {
            if (!context.State.Datasets.TryGetValue(id, out var dataset))
            {
                return Unknown.Dataset(id);
            }

            if (dataset.Use != use)
            {
                return Refusal.Invalid("wrong-dataset", $"Dataset '{id}' is registered for {dataset.Use.ToString().ToLowerInvariant()}.");
            }

            var missing = Features.Except(dataset.Features, StringComparer.Ordinal).Take(5).ToList();
            if (missing.Count > 0)
            {
                return Refusal.Invalid("feature-mismatch", $"Dataset '{id}' has no feature column {string.Join(", ", missing)}.");
            }
        }

        var faults = Faults().ToList();
        if (faults.Count > 0)
        {
            return Refusal.Invalid("invalid-version", "The version is incomplete or wrong.") with { Faults = faults };
        }

        Digest Data(string id) => context.State.Datasets[id].Digest;
        var twin = model.Versions.Values.FirstOrDefault(v =>
            v.Submission.Artifact == Artifact && v.Submission.Threshold.Equals(Threshold)
            && Data(v.Submission.TrainingDataset) == Data(TrainingDataset) && Data(v.Submission.EvaluationDataset) == Data(EvaluationDataset));
        if (twin is not null)
        {
            return Refusal.Conflict("version-exists", $"Version {twin.Number} has the same file, threshold and data.");
        }

        var submitted = new VersionSubmitted(ModelId, new VersionSubmission
        {
            Number = model.Versions.Count + 1,
            Artifact = Artifact,
            Description = Description,
            Features = Features,
            TrainingDataset = TrainingDataset,
            EvaluationDataset = EvaluationDataset,
            Threshold = Threshold,
            FavourablePrediction = FavourablePrediction,
            ReferenceScore = ReferenceScore,
        });
        var answer = GateAnswer.Ask(context, context.State, VersionState.Create(submitted, context), GateNames.Submit);
        return answer.Decision.Status == GateStatus.Denied ? answer.Refuse() : answer.AcceptAfter(submitted);
    }

    private IEnumerable<string> Faults()
    {
        if (!Text.IsProse(Description, 2000))
        {
            yield return "description: what changed, 1 to 2000 characters.";
        }

        if (Threshold is not (>= 0 and <= 1))
        {
            yield return "threshold: a number from 0 to 1.";
        }

        if (FavourablePrediction is not (0 or 1))
        {
            yield return "favourablePrediction: 0 or 1.";
        }

        if (Features.Count == 0 || Features.Distinct(StringComparer.Ordinal).Count() != Features.Count)
        {
            yield return "features: at least one, each once.";
        }
    }
}

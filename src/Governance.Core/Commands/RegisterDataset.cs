using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>Registers a dataset whose file and schema were read and found sound.</summary>
public sealed record RegisterDataset(DatasetRegistration Dataset) : Command
{
    public static IReadOnlyList<string> LegalBases { get; } =
        ["consent", "contract", "legal_obligation", "legitimate_interest", "public_task", "vital_interests"];

    /// <summary>Files of a dataset, at most.</summary>
    public const int MostParts = 1000;

    public override string Stream => "dataset/" + Dataset.Id;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("register a dataset", Role.Developer) is { } refusal)
        {
            return refusal;
        }

        var faults = Faults().Concat(OriginFaults(context.State)).Concat(PartFaults()).ToList();
        if (faults.Count > 0)
        {
            return Refusal.Invalid("invalid-dataset", "The dataset's registration is incomplete or wrong.") with { Faults = faults };
        }

        if (context.State.Datasets.ContainsKey(Dataset.Id))
        {
            return Refusal.Conflict("dataset-exists", $"There is a dataset '{Dataset.Id}' already; datasets are immutable. Register the new file under another id.");
        }

        return HoldsErasedRows(context.State) is { } holder
            ? Refusal.Conflict("dataset-has-erased-rows", $"Dataset '{holder}' shares a file with this one and holds rows of people who are being erased. Register the data without these rows.")
            : Decision.Accept(new DatasetRegistered(Dataset));
    }

    /// <summary>A registered dataset with one of the files and with rows of people whose erasure has begun; null when there is none.</summary>
    private string? HoldsErasedRows(GovernanceState state)
    {
        var files = Dataset.Files().Select(f => f.File).ToHashSet();
        return state.Erasures.Values.SelectMany(e => e.Started?.Holdings ?? []).Select(h => h.Dataset)
            .FirstOrDefault(d => state.Datasets[d].Files().Any(f => files.Contains(f.File)));
    }

    private IEnumerable<string> Faults()
    {
        if (!Identifier.IsValid(Dataset.Id))
        {
            yield return $"id: must be {Identifier.Rule}.";
        }

        if (!Text.IsLine(Dataset.Name, 200))
        {
            yield return "name: one line of 1 to 200 characters.";
        }

        if (!LegalBases.Contains(Dataset.LegalBasis, StringComparer.Ordinal))
        {
            yield return $"legalBasis: one of {string.Join(", ", LegalBases)} (GDPR Art. 6).";
        }

        if (Dataset.RetentionMonths is < 1 or > 600)
        {
            yield return "retentionMonths: 1 to 600.";
        }

        if (Dataset.Features.Count == 0)
        {
            yield return "schema: at least one feature column.";
        }

        var features = Dataset.Features.ToHashSet(StringComparer.Ordinal);
        foreach (var attribute in Dataset.Protected.Keys.Where(features.Contains))
        {
            yield return $"schema: '{attribute}' is protected and cannot be a feature.";
        }
    }

    private IEnumerable<string> OriginFaults(GovernanceState state)
    {
        if (Dataset.Origin is not { } origin)
        {
            yield break;
        }

        if (origin.Parents.Count is < 1 or > 100 || origin.Parents.Distinct().Count() != origin.Parents.Count)
        {
            yield return "origin.parents: 1 to 100 digests, each once.";
        }

        if (origin.Parents.Contains(Dataset.Digest))
        {
            yield return "origin.parents: a dataset is not made from itself.";
        }

        var registered = state.Datasets.Values.Select(d => d.Digest).ToHashSet();
        foreach (var unknown in origin.Parents.Where(p => p != Dataset.Digest && !registered.Contains(p)).Take(5))
        {
            yield return $"origin.parents: no dataset with the digest {unknown} is registered; register it first.";
        }

        if (!Text.IsProse(origin.Recipe, 2000))
        {
            yield return "origin.recipe: what was done, 1 to 2000 characters.";
        }
    }

    private IEnumerable<string> PartFaults()
    {
        if (Dataset.Parts is not { } parts)
        {
            yield break;
        }

        if (parts.Count is < 2 or > MostParts || parts.Any(p => p.Rows < 1) || parts.DistinctBy(p => p.File).Count() != parts.Count)
        {
            yield return $"parts: 2 to {MostParts} files with rows, each once.";
        }

        if (parts.Sum(p => p.Rows) != Dataset.Rows || Digest.Of(DatasetRegistration.ManifestOf(parts)) != Dataset.Digest)
        {
            yield return "parts: the dataset's rows and digest are those of its parts.";
        }
    }
}

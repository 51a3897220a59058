using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Core.Commands;

/// <summary>Registers a dataset whose file and schema were read and found sound.</summary>
public sealed record RegisterDataset(DatasetRegistration Dataset) : Command
{
    public static IReadOnlyList<string> LegalBases { get; } =
        ["consent", "contract", "legal_obligation", "legitimate_interest", "public_task", "vital_interests"];

    public override string Stream => "dataset/" + Dataset.Id;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("register a dataset", Role.Developer) is { } refusal)
        {
            return refusal;
        }

        var faults = Faults().ToList();
        if (faults.Count > 0)
        {
            return Refusal.Invalid("invalid-dataset", "The dataset's registration is incomplete or wrong.") with { Faults = faults };
        }

        return context.State.Datasets.ContainsKey(Dataset.Id)
            ? Refusal.Conflict("dataset-exists", $"There is a dataset '{Dataset.Id}' already; datasets are immutable. Register the new file under another id.")
            : Decision.Accept(new DatasetRegistered(Dataset));
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
}

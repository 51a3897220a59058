using Governance.Models;
using Governance.Models.Trees;

namespace Governance.Checks;

/// <summary>The trees inside a model, for checks that read them.</summary>
internal static class TreeModels
{
    /// <summary>Why the model cannot be read as trees, or null when it can.</summary>
    public static string? Lacks(CheckInput input) => input.Model is not IInspectableModel model
        ? "The check reads decision trees; this model does not show its inside."
        : model.Trees.Ensemble is null ? $"The check reads decision trees. {model.Trees.Problem}" : null;

    /// <summary>The trees of a model for which <see cref="Lacks"/> is null.</summary>
    public static TreeEnsemble Of(CheckInput input) => ((IInspectableModel)input.Model).Trees.Ensemble!;
}

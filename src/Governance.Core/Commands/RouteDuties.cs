using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>Who may change what a route does, and the refusals the route commands share.</summary>
internal static class RouteDuties
{
    /// <summary>Refuses anybody but the model's registered owner.</summary>
    public static Refusal? Owner(DecisionContext context, string modelId, string action) =>
        context.Require(action, Role.Owner) is { } refusal ? refusal
        : context.State.Model(modelId) is not { } model ? Unknown.Model(modelId)
        : model.Registration.Owner != context.Caller.Subject ? Refusal.Forbidden("not-the-owner", $"Only the registered owner of '{modelId}' changes its route.")
        : null;

    public static Refusal OtherInputs(VersionState version, VersionState champion) => Refusal.Conflict(
        "other-inputs", $"Version {version.Number} has other features, or another favourable label, than version {champion.Number}, which answers the route: one request cannot be put to both.");
}

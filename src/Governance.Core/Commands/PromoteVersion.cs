using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Core.Commands;

/// <summary>
/// Moves a route to a version, when the gate allows it. The gate's decision is recorded either way; a denied promotion is a refusal that
/// carries the decision. Rolling back is promoting an earlier version. A canary of the route ends.
/// </summary>
public sealed record PromoteVersion(string ModelId, int Version, PromotionTarget Target) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("promote a version", Role.Owner) is { } refusal)
        {
            return refusal;
        }

        if (context.State.Model(ModelId) is not { } model)
        {
            return Unknown.Model(ModelId);
        }

        if (context.State.Version(ModelId, Version) is not { } version)
        {
            return Unknown.Version(ModelId, Version);
        }

        if (model.Registration.Owner != context.Caller.Subject)
        {
            return Refusal.Forbidden("not-the-owner", $"Only the registered owner of '{ModelId}' promotes its versions.");
        }

        switch (version.Status)
        {
            case VersionStatus.Promoted:
                return Refusal.Conflict("already-promoted", $"Version {Version} answers the route already.");
            case VersionStatus.Rejected or VersionStatus.Suspended:
                return Refusal.Conflict("version-closed", $"Version {Version} is {version.Status.ToString().ToLowerInvariant()}: {version.StatusReason} Submit a corrected one.");
        }

        if (context.State.SettingsOf(ModelId).PinnedVersion is { } pinned)
        {
            return StartCanary.RoutePinned(pinned);
        }

        var answer = GateAnswer.Ask(context, context.State, version, GateNames.Promote, Target);
        return answer.Decision.Status == GateStatus.Allowed
            ? answer.Accept(new VersionPromoted(ModelId, Version, ModelId, Target, model.Champion?.Number, answer.Event.Document))
            : answer.Refuse();
    }
}

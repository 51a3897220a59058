using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Core.Commands;

/// <summary>
/// Moves a route to a version, when the gate allows it. The gate's decision is recorded either way; a denied promotion is a refusal that
/// carries the decision. Rolling back is promoting an earlier version.
/// </summary>
public sealed record PromoteVersion(string ModelId, int Version, PromotionTarget Target) : Command
{
    public const string Gate = "promote";

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

        var input = GateInput.Build(context.State, version, Gate, Target, context.Caller, context.Now, context.Gate);
        var decision = context.Gate.Evaluate(Gate, input);
        var evaluated = new GateEvaluated(ModelId, Version, Target, decision);
        if (decision.Status != GateStatus.Allowed)
        {
            return Decision.Refuse(Explain(decision), evaluated);
        }

        var promoted = new VersionPromoted(
            ModelId, Version, ModelId, Target, model.Champion?.Number, Digest.Of(GovernanceJson.Serialize(decision)));
        return Decision.Accept(evaluated, promoted);
    }

    private Refusal Explain(GateDecision decision)
    {
        var blocking = decision.Rules.Where(r => r.Blocks).ToList();
        var detail = decision.Status == GateStatus.Waiting
            ? $"Version {Version} of '{ModelId}' waits for: {string.Join(", ", decision.WaitingFor)}."
            : $"The gate denied version {Version} of '{ModelId}': {blocking.Count} rule(s) block. First: {blocking.FirstOrDefault()?.Message}";
        return new Refusal(RefusalKind.Gate, decision.Status == GateStatus.Waiting ? "gate-waiting" : "gate-denied", detail) { Gate = decision };
    }
}

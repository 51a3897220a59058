using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Core.Commands;

/// <summary>A validator confirms or corrects the tier the developer proposed. Required before promotion.</summary>
public sealed record ConfirmTier(string ModelId, Tier Tier) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("confirm a tier", Role.Validator) is { } refusal)
        {
            return refusal;
        }

        if (!context.Caller.IsPerson)
        {
            return Refusal.Forbidden("role-required", "A tier is confirmed by a person.");
        }

        if (context.State.Model(ModelId) is not { } model)
        {
            return Unknown.Model(ModelId);
        }

        if (Independence.Conflict(model, null, context.Caller, Role.Validator) is { } conflict)
        {
            return Refusal.Forbidden("not-independent", $"You cannot confirm this model's tier: you are {conflict}.");
        }

        return Decision.Accept(new TierConfirmed(ModelId, Tier));
    }
}

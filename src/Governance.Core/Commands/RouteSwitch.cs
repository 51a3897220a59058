using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Core.Commands;

/// <summary>Stops a route at once (the kill switch, AI Act 14(4)(e)): nothing answers, whatever is promoted. The owner or the second line may; no gate stands in the way.</summary>
public sealed record StopRoute(string ModelId, string Reason) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("stop a route", Role.Owner, Role.Validator, Role.Compliance) is { } refusal)
        {
            return refusal;
        }

        if (!Text.IsProse(Reason, 2000))
        {
            return Refusal.Invalid("reason-required", "Stopping a route needs a reason of 1 to 2000 characters.");
        }

        return context.State.Model(ModelId) is null ? Unknown.Model(ModelId)
            : context.State.SettingsOf(ModelId).Stopped is not null ? Refusal.Conflict("already-stopped", "The route is stopped already.")
            : Decision.Accept(new RouteStopped(ModelId, Reason));
    }
}

/// <summary>Lets a stopped route answer again. Only the registered owner does, who answers for it.</summary>
public sealed record StartRoute(string ModelId, string Reason) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (RouteDuties.Owner(context, ModelId, "start a route") is { } refusal)
        {
            return refusal;
        }

        if (!Text.IsProse(Reason, 2000))
        {
            return Refusal.Invalid("reason-required", "Starting a route again needs a reason of 1 to 2000 characters: what was found and mended.");
        }

        return context.State.SettingsOf(ModelId).Stopped is null
            ? Refusal.Conflict("not-stopped", "The route is not stopped.")
            : Decision.Accept(new RouteStarted(ModelId, Reason));
    }
}

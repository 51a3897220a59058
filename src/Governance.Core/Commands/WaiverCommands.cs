using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>A person of one line agrees to a waiver; it counts when both lines have, at the level it needs.</summary>
/// <param name="Role">The role the approver acts in; they must hold it.</param>
public sealed record ApproveWaiver(string WaiverId, Role Role, string Comment) : Command
{
    public override string Stream => "model/" + Numbered.ModelOf(WaiverId);

    public override Decision Decide(DecisionContext context)
    {
        if (Waivers.RequireRole(context, Role, WaiverApprovals.Roles) is { } refusal)
        {
            return refusal;
        }

        if (context.State.Waiver(WaiverId) is not { } waiver)
        {
            return Unknown.Waiver(WaiverId);
        }

        if (Waivers.RequireIndependence(context, waiver, Role) is { } dependent)
        {
            return dependent;
        }

        var model = context.State.Models[waiver.Request.ModelId];
        if (context.RequireFresh(model.Registration.Tier) is { } stale)
        {
            return stale;
        }

        var status = context.State.StatusOf(waiver, context.Now);
        if (status != WaiverStatus.Requested)
        {
            return Refusal.Conflict("waiver-not-open", $"Waiver {WaiverId} is {Waivers.Word(status)}; there is nothing to approve.");
        }

        if (waiver.Approvals.Exists(a => a.Person == context.Caller.Subject))
        {
            return Refusal.Conflict("already-approved", "You have approved this waiver already; the next approval is another person's.");
        }

        if (!Text.IsProse(Comment, 2000))
        {
            return Refusal.Invalid("comment-required", "An approval needs a comment of 1 to 2000 characters: why the risk is acceptable.");
        }

        var given = waiver.Approvals.Select(a => a.Role).ToList();
        var before = WaiverApprovals.Missing(waiver.Request.Level, given);
        var after = WaiverApprovals.Missing(waiver.Request.Level, [.. given, Role.Name()]);
        if (after.Count == before.Count)
        {
            return Refusal.Conflict("approval-not-needed", $"Approvals come from different lines. This waiver still needs: {WaiverApprovals.InWords(before)}.");
        }

        var complete = after.Count == 0;
        var rules = context.Gate.Workflow(model.Registration.Tier);
        DateTimeOffset? review = complete && waiver.Request.Emergency ? WorkflowRules.AddBusinessDays(context.Now, rules.EmergencyReviewDays) : null;
        return Decision.Accept(new WaiverApproved(
            model.Id, WaiverId, context.Caller.Subject, context.Caller.Name, Role.Name(), (int)Role.Line(), Comment, complete, review));
    }
}

/// <summary>An approver, or the DPO's veto, ends a requested waiver.</summary>
public sealed record DenyWaiver(string WaiverId, Role Role, string Reason) : Command
{
    public override string Stream => "model/" + Numbered.ModelOf(WaiverId);

    public override Decision Decide(DecisionContext context)
    {
        if (Waivers.RequireRole(context, Role, [.. WaiverApprovals.Roles, Role.Dpo]) is { } refusal)
        {
            return refusal;
        }

        if (context.State.Waiver(WaiverId) is not { } waiver)
        {
            return Unknown.Waiver(WaiverId);
        }

        var status = context.State.StatusOf(waiver, context.Now);
        return Waivers.RequireIndependence(context, waiver, Role) is { } dependent ? dependent
            : status != WaiverStatus.Requested ? Refusal.Conflict("waiver-not-open", $"Waiver {WaiverId} is {Waivers.Word(status)}; revoke it if it counts.")
            : !Text.IsProse(Reason, 2000) ? Refusal.Invalid("reason-required", "A denial needs a reason of 1 to 2000 characters.")
            : Decision.Accept(new WaiverDenied(waiver.Request.ModelId, WaiverId, context.Caller.Subject, context.Caller.Name, Role.Name(), Reason));
    }
}

/// <summary>Takes a waiver back at once: whoever may approve, the DPO, or who requested it.</summary>
public sealed record RevokeWaiver(string WaiverId, string Reason) : Command
{
    public override string Stream => "model/" + Numbered.ModelOf(WaiverId);

    public override Decision Decide(DecisionContext context)
    {
        if (context.State.Waiver(WaiverId) is not { } waiver)
        {
            return Unknown.Waiver(WaiverId);
        }

        if (waiver.RequestedBy != context.Caller.Subject
            && Findings.RequirePerson(context, "revoke a waiver", Role.Owner, Role.Validator, Role.Committee, Role.Compliance, Role.Dpo) is { } refusal)
        {
            return refusal;
        }

        return waiver.Denied is not null || waiver.Revoked is not null
            ? Refusal.Conflict("waiver-not-open", $"Waiver {WaiverId} has ended already.")
            : !Text.IsProse(Reason, 2000) ? Refusal.Invalid("reason-required", "Taking a waiver back needs a reason of 1 to 2000 characters.")
            : Decision.Accept(Ended(context, waiver));
    }

    private List<GovernanceEvent> Ended(DecisionContext context, WaiverState waiver)
    {
        List<GovernanceEvent> events = [new WaiverRevoked(waiver.Request.ModelId, WaiverId, context.Caller.Subject, context.Caller.Name, Reason)];
        events.AddRange(Lapses.Suspend(context, waiver, context.Gate.Workflow(context.State.Models[waiver.Request.ModelId].Registration.Tier).LapseSuspends, "was revoked"));
        return events;
    }
}

/// <summary>The committee looks at an emergency waiver after the fact. Neither who requested nor who approved it.</summary>
/// <param name="Upheld">False takes it back.</param>
public sealed record ReviewWaiver(string WaiverId, bool Upheld, string Comment) : Command
{
    public override string Stream => "model/" + Numbered.ModelOf(WaiverId);

    public override Decision Decide(DecisionContext context)
    {
        if (Findings.RequirePerson(context, "review an emergency waiver", Role.Committee) is { } refusal)
        {
            return refusal;
        }

        if (context.State.Waiver(WaiverId) is not { } waiver)
        {
            return Unknown.Waiver(WaiverId);
        }

        if (Waivers.RequireIndependence(context, waiver, Role.Committee) is { } dependent)
        {
            return dependent;
        }

        if (waiver.Approvals.Exists(a => a.Person == context.Caller.Subject))
        {
            return Refusal.Forbidden("self-approval", "Who approved an emergency waiver does not review it.");
        }

        if (context.RequireFresh(context.State.Models[waiver.Request.ModelId].Registration.Tier) is { } stale)
        {
            return stale;
        }

        var status = context.State.StatusOf(waiver, context.Now);
        return !waiver.Request.Emergency || waiver.Reviewed is not null || status is not (WaiverStatus.Active or WaiverStatus.Unreviewed)
            ? Refusal.Conflict("nothing-to-review", $"Waiver {WaiverId} waits for no review.")
            : !Text.IsProse(Comment, 2000) ? Refusal.Invalid("comment-required", "A review needs a comment of 1 to 2000 characters.")
            : Decision.Accept(Reviewed(context, waiver));
    }

    private List<GovernanceEvent> Reviewed(DecisionContext context, WaiverState waiver)
    {
        List<GovernanceEvent> events = [new WaiverReviewed(waiver.Request.ModelId, WaiverId, context.Caller.Subject, context.Caller.Name, Upheld, Comment)];
        if (!Upheld)
        {
            events.AddRange(Lapses.Suspend(context, waiver, context.Gate.Workflow(context.State.Models[waiver.Request.ModelId].Registration.Tier).UnreviewedSuspends, "was overturned"));
        }

        return events;
    }
}

/// <summary>Records once that an approved waiver stopped counting, and suspends the version it carried where the policy says so. Only the gateway does.</summary>
public sealed record RecordLapse(string WaiverId) : Command
{
    public override string Stream => "model/" + Numbered.ModelOf(WaiverId);

    public override Decision Decide(DecisionContext context)
    {
        if (!context.Caller.IsSystem())
        {
            return Refusal.Forbidden("system-only", "The gateway records what time brings.");
        }

        if (context.State.Waiver(WaiverId) is not { } waiver)
        {
            return Unknown.Waiver(WaiverId);
        }

        var status = context.State.StatusOf(waiver, context.Now);
        if (!Lapses.IsNew(waiver, status))
        {
            return Decision.Accept();
        }

        var request = waiver.Request;
        var rules = context.Gate.Workflow(context.State.Models[request.ModelId].Registration.Tier);
        var suspends = status == WaiverStatus.Unreviewed ? rules.UnreviewedSuspends : rules.LapseSuspends;
        return Decision.Accept(
        [
            new WaiverLapsed(request.ModelId, WaiverId, request.Version, status, Lapses.Carries(context.State, waiver, context.Now)),
            .. Lapses.Suspend(context, waiver, suspends, status switch
            {
                WaiverStatus.Expired => "expired",
                WaiverStatus.Unreviewed => "was not reviewed in time",
                _ => "no longer covers what is served",
            }),
        ]);
    }
}

/// <summary>What follows when a waiver stops counting. Pure functions.</summary>
public static class Lapses
{
    /// <summary>An approved waiver stopped counting, for a reason nobody recorded yet.</summary>
    public static bool IsNew(WaiverState waiver, WaiverStatus status) =>
        waiver.Approved && status != waiver.Lapse && status is WaiverStatus.Expired or WaiverStatus.Unreviewed or WaiverStatus.Void;

    /// <summary>The waiver's version serves, and no other waiver in force covers the same rule.</summary>
    public static bool Carries(GovernanceState state, WaiverState waiver, DateTimeOffset now)
    {
        var request = waiver.Request;
        return waiver.Approved
            && state.Version(request.ModelId, request.Version) is { Serves: true }
            && !state.Models[request.ModelId].Waivers.Values.Any(other =>
                other.Id != waiver.Id && other.IsAbout(request.Version, request.Rule, request.Target) && state.StatusOf(other, now) == WaiverStatus.Active);
    }

    internal static IEnumerable<GovernanceEvent> Suspend(DecisionContext context, WaiverState waiver, bool suspends, string what)
    {
        var request = waiver.Request;
        return suspends && Carries(context.State, waiver, context.Now)
            ? [new VersionSuspended(request.ModelId, request.Version, $"Waiver {waiver.Id} of the rule '{request.Rule}' {what}.", request.Rule)]
            : [];
    }
}

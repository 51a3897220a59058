using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>The DPO's office records a request to erase a data subject (GDPR 17).</summary>
/// <param name="Sealed">Key reference of the sealed payload that names the subject.</param>
public sealed record RequestErasure(string RequestId, string Ground, string SubjectReference, string Sealed) : Command
{
    public static IReadOnlyList<string> Grounds { get; } =
        ["consent_withdrawn", "legal_duty", "no_longer_necessary", "objection", "unlawful"];

    public override string Stream => "erasure/" + RequestId;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("record an erasure request", Role.Dpo) is { } refusal)
        {
            return refusal;
        }

        return Grounds.Contains(Ground, StringComparer.Ordinal)
            ? Decision.Accept(new ErasureRequested(RequestId, Ground, SubjectReference, Sealed))
            : Refusal.Invalid("unknown-ground", $"The ground is one of {string.Join(", ", Grounds)} (GDPR Art. 17(1)).");
    }
}

/// <summary>The business owner or compliance approves. Two different people, neither the one who recorded it, in two different roles.</summary>
public sealed record ApproveErasure(string RequestId, Role Role) : Command
{
    public override string Stream => "erasure/" + RequestId;

    public override Decision Decide(DecisionContext context)
    {
        if (!context.Caller.IsPerson || Role is not (Role.Owner or Role.Compliance) || context.Require("approve an erasure", Role) is not null)
        {
            return Refusal.Forbidden("role-required", "An erasure is approved by people: an owner and compliance, each in a role they hold.");
        }

        if (!context.State.Erasures.TryGetValue(RequestId, out var request))
        {
            return Unknown.Erasure(RequestId);
        }

        if (request.Executed is not null)
        {
            return Refusal.Conflict("erasure-executed", "This erasure has been executed.");
        }

        if (request.RequestedBy == context.Caller.Subject)
        {
            return Refusal.Forbidden("self-approval", "Who records an erasure request cannot approve it.");
        }

        if (request.Approvals.Any(a => a.Person == context.Caller.Subject))
        {
            return Refusal.Conflict("already-approved", "You have approved this erasure already; the second approval is another person's.");
        }

        return request.Approvals.Any(a => a.Role == Role.Name())
            ? Refusal.Conflict("role-already-approved", $"The {Role.Name()} has approved already; the second approval comes from the other line.")
            : Decision.Accept(new ErasureApproved(RequestId, context.Caller.Subject, context.Caller.Name, Role.Name()));
    }
}

/// <summary>Records what is about to be destroyed. Only the gateway does, for a request that two people approved.</summary>
public sealed record StartErasure(
    string RequestId, long Records, string DestroyedRoot, IReadOnlyList<DatasetHolding> Holdings, IReadOnlyList<RecipientHolding>? Recipients = null) : Command
{
    public const int ApprovalsNeeded = 2;

    public override string Stream => "erasure/" + RequestId;

    public override Decision Decide(DecisionContext context) =>
        Execution.Refuse(context, RequestId, request => request.Approvals.Count < ApprovalsNeeded
            ? Refusal.Conflict("approvals-missing", $"An erasure needs {ApprovalsNeeded} approvals; it has {request.Approvals.Count}.")
            : null)
        ?? Decision.Accept(new ErasureStarted(RequestId, Records, DestroyedRoot, Holdings, Recipients));
}

/// <summary>Records that the keys are gone. Only the gateway does, after destroying them.</summary>
public sealed record RecordErasure(string RequestId, long Records, string DestroyedRoot, long KeyEpoch) : Command
{
    public override string Stream => "erasure/" + RequestId;

    public override Decision Decide(DecisionContext context) =>
        Execution.Refuse(context, RequestId, request => request.Started is null
            ? Refusal.Conflict("erasure-not-started", "The erasure has not been started.")
            : null)
        ?? Decision.Accept(new ErasureExecuted(RequestId, Records, DestroyedRoot, KeyEpoch));
}

internal static class Execution
{
    public static Decision? Refuse(DecisionContext context, string requestId, Func<ErasureState, Refusal?> condition)
    {
        var refusal = !context.Caller.IsSystem() ? Refusal.Forbidden("system-only", "Erasures are executed by the gateway.")
            : !context.State.Erasures.TryGetValue(requestId, out var request) ? Unknown.Erasure(requestId)
            : request.Executed is not null ? Refusal.Conflict("erasure-executed", "This erasure has been executed.")
            : condition(request);
        return refusal is null ? null : Decision.Refuse(refusal);
    }
}

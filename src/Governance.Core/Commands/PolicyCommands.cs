using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>
/// Brings the shipped pack into force when none is, and keeps the files of one that was published before files were kept. Once a pack is in
/// force, only a proposal and its approval change it. Only the gateway installs.
/// </summary>
public sealed record InstallPolicy(string Name, string PackVersion, Digest Policy, Digest Params, Digest Archive) : Command
{
    public override string Stream => PolicyStream.Name;

    public override Decision Decide(DecisionContext context)
    {
        if (!context.Caller.IsSystem())
        {
            return Refusal.Forbidden("system-only", "A pack is installed by the gateway at its first start; later ones are proposed and approved.");
        }

        var current = context.State.Policies.At(context.Now);
        return current is null || (current.Archive is null && current.Policy == Policy && current.Params == Params)
            ? Decision.Accept(new PolicyInstalled(Name, PackVersion, Policy, Params, Archive))
            : Decision.Accept();
    }
}

/// <summary>
/// Proposes a pack whose files were read, type-checked and tested, and for which a dry run was made. Proposing the files of an earlier release
/// again is how a change is rolled back.
/// </summary>
/// <param name="EffectiveFrom">UTC, not in the past; null for as soon as it is approved.</param>
public sealed record ProposePolicy(
    string ProposalId, string Name, string PackVersion, Digest Policy, Digest Params, Digest Archive, DateTimeOffset? EffectiveFrom, string Comment, int Tests,
    double Coverage, Digest DryRun) : Command
{
    public override string Stream => PolicyStream.Name;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("propose policy", Role.Validator, Role.Committee, Role.Compliance) is { } refusal)
        {
            return refusal;
        }

        if (!context.Caller.IsPerson)
        {
            return Refusal.Forbidden("role-required", "Policy is proposed by a person.");
        }

        if (!Text.IsProse(Comment, 4000))
        {
            return Refusal.Invalid("comment-required", "A proposal says in 1 to 4000 characters what changes and why.");
        }

        if (EffectiveFrom <= context.Now)
        {
            return Refusal.Invalid("effective-date-past", "The effective date has passed. Give a later one, or none to come into force on approval.");
        }

        var last = context.State.Policies.Releases.OrderBy(r => r.From).LastOrDefault();
        return last is not null && last.Policy == Policy && last.Params == Params
            ? Refusal.Conflict("policy-unchanged", "This pack is in force already, or will be.")
            : Decision.Accept(new PolicyProposed(ProposalId, Name, PackVersion, Policy, Params, Archive, EffectiveFrom, Comment, Tests, Coverage, DryRun));
    }
}

/// <summary>Compliance approves a proposal of somebody else.</summary>
/// <param name="Archive">Digest of the files the approver was shown.</param>
public sealed record ApprovePolicy(string ProposalId, Digest Archive, string Comment) : Command
{
    public override string Stream => PolicyStream.Name;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("approve policy", Role.Compliance) is { } refusal)
        {
            return refusal;
        }

        if (!context.Caller.IsPerson)
        {
            return Refusal.Forbidden("role-required", "Policy is approved by a person.");
        }

        if (!context.State.Policies.Proposals.TryGetValue(ProposalId, out var proposal))
        {
            return Unknown.Proposal(ProposalId);
        }

        if (proposal.ProposedBy == context.Caller.Subject)
        {
            return Refusal.Forbidden("self-approval", "Who proposes a policy cannot approve it. Ask somebody else of compliance.");
        }

        if (proposal.Approval is not null || proposal.Withdrawn is not null)
        {
            return Refusal.Conflict("proposal-closed", $"The proposal was {(proposal.Withdrawn is null ? "approved" : "withdrawn")} already.");
        }

        if (proposal.Proposed.Archive != Archive)
        {
            return Refusal.Conflict("binding-changed", "These are not the files that were proposed. Look at the proposal again.");
        }

        return Text.IsProse(Comment, 4000)
            ? Decision.Accept(new PolicyApproved(ProposalId, context.Caller.Subject, context.Caller.Name, Comment))
            : Refusal.Invalid("comment-required", "An approval says in 1 to 4000 characters what was looked at and concluded.");
    }
}

/// <summary>Takes a proposal back before it is in force: whoever proposed it, or compliance.</summary>
public sealed record WithdrawPolicy(string ProposalId, string Reason) : Command
{
    public override string Stream => PolicyStream.Name;

    public override Decision Decide(DecisionContext context)
    {
        if (!context.State.Policies.Proposals.TryGetValue(ProposalId, out var proposal))
        {
            return context.Require("withdraw policy", Role.Validator, Role.Committee, Role.Compliance) is { } refusal ? refusal : Unknown.Proposal(ProposalId);
        }

        if (proposal.ProposedBy != context.Caller.Subject && context.Require("withdraw somebody else's proposal", Role.Compliance) is { } forbidden)
        {
            return forbidden;
        }

        if (proposal.Withdrawn is not null || proposal.From <= context.Now)
        {
            return Refusal.Conflict("proposal-closed", $"The proposal {(proposal.Withdrawn is null ? "is in force; propose the pack that should replace it" : "was withdrawn already")}.");
        }

        return Text.IsProse(Reason, 2000)
            ? Decision.Accept(new PolicyWithdrawn(ProposalId, Reason))
            : Refusal.Invalid("reason-required", "A withdrawal needs a reason of 1 to 2000 characters.");
    }
}

internal static class PolicyStream
{
    public const string Name = "policy";
}

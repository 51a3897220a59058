using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Decisions;

/// <summary>Everything a decision may depend on. Immutable; the gate is pure.</summary>
/// <param name="Now">UTC time of the decision; never before the last event.</param>
public sealed record DecisionContext(GovernanceState State, Caller Caller, DateTimeOffset Now, IGate Gate)
{
    /// <summary>What the clock says: before <see cref="Now"/> when it was set back since the last event. How long ago somebody signed in is known by it alone.</summary>
    public DateTimeOffset Clock { get; init; } = Now;

    /// <summary>Refuses unless a person calls who proved who they are recently enough to sign something about a model of this tier.</summary>
    public Refusal? RequireFresh(Tier tier)
    {
        var age = Gate.Workflow(tier).SignatureMaxAge;
        return !Caller.IsPerson ? Refusal.Forbidden("role-required", "Only a person signs; applications never do.")
            : Caller.AuthenticatedAt is not { } at
                ? Refusal.Forbidden("reauthentication-required", "Your token does not say when you signed in (claim auth_time), so nothing can be signed with it. Ask your administrator to have the issuer add it.")
            : Clock - at > age
                ? Refusal.Forbidden("reauthentication-required", $"You signed in more than {age.TotalMinutes:0} minutes ago. Sign in again, then sign.")
            : null;
    }

    /// <summary>Refuses unless the caller has one of the roles.</summary>
    public Refusal? Require(string action, params ReadOnlySpan<Role> roles)
    {
        foreach (var role in roles)
        {
            if (Caller.Is(role))
            {
                return null;
            }
        }

        var names = string.Join(" or ", roles.ToArray().Select(r => r.Name()));
        return Refusal.Forbidden("role-required", $"To {action} one needs the role {names}. Ask somebody who has it, or an administrator for the role.");
    }
}

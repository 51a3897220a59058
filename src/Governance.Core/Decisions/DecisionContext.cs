using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.State;

namespace Governance.Core.Decisions;

/// <summary>Everything a decision may depend on. Immutable; the gate is pure.</summary>
/// <param name="Now">UTC time of the decision.</param>
public sealed record DecisionContext(GovernanceState State, Caller Caller, DateTimeOffset Now, IGate Gate)
{
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

using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Core.Commands;

/// <summary>Names a further person who builds a model. Nobody is ever taken off: who built it once cannot judge it.</summary>
public sealed record AddDeveloper(string ModelId, string Person) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("name a developer", Role.Developer, Role.Owner) is { } refusal)
        {
            return refusal;
        }

        if (context.State.Model(ModelId) is not { Registration: var registration })
        {
            return Unknown.Model(ModelId);
        }

        if (registration.Owner != context.Caller.Subject && !registration.Developers.Contains(context.Caller.Subject, StringComparer.Ordinal))
        {
            return Refusal.Forbidden("not-a-developer", $"Only the owner and the developers of '{ModelId}' name further ones.");
        }

        if (!Text.IsLine(Person, 256))
        {
            return Refusal.Invalid("invalid-person", "person: one line of 1 to 256 characters, the subject of the person's token.");
        }

        return registration.Owner == Person ? Refusal.Conflict("owner-is-developer", "The owner of a model cannot be one of its developers.")
            : registration.Developers.Contains(Person, StringComparer.Ordinal) ? Refusal.Conflict("already-a-developer", "This person is one of the developers already.")
            : Decision.Accept(new DeveloperAdded(ModelId, Person));
    }
}

using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Core.Commands;

/// <summary>Takes a serving version out of service at once (AI Act 26(5)). The second line or the owner may; no gate stands in the way.</summary>
public sealed record SuspendVersion(string ModelId, int Version, string Reason) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("suspend a version", Role.Owner, Role.Validator, Role.Compliance) is { } refusal)
        {
            return refusal;
        }

        if (!Text.IsProse(Reason, 2000))
        {
            return Refusal.Invalid("reason-required", "A suspension needs a reason of 1 to 2000 characters.");
        }

        return context.State.Version(ModelId, Version) switch
        {
            null => context.State.Model(ModelId) is null ? Unknown.Model(ModelId) : Unknown.Version(ModelId, Version),
            { Serves: true } => Decision.Accept(new VersionSuspended(ModelId, Version, Reason)),
            var version => Refusal.Conflict("not-serving", $"Version {Version} is {version.Status.ToString().ToLowerInvariant()}, not serving."),
        };
    }
}

using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Core.Commands;

/// <summary>
/// A person's signature on a version, bound to what they saw: the caller states the binding digest shown to them, and the signature is
/// refused when the version is something else by now.
/// </summary>
/// <param name="Role">The role the signer acts in; they must hold it.</param>
/// <param name="Binding">Digest shown with the version (<c>binding</c> in the API).</param>
public sealed record SignOffVersion(string ModelId, int Version, Role Role, SignOffMeaning Meaning, string Comment, Digest Binding) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        var caller = context.Caller;
        if (context.State.Model(ModelId) is not { } model)
        {
            return Unknown.Model(ModelId);
        }

        if (context.State.Version(ModelId, Version) is not { } version)
        {
            return Unknown.Version(ModelId, Version);
        }

        if (Independence.Conflict(model, version, caller, Role) is { } conflict)
        {
            return Refusal.Forbidden("self-sign-off", $"You cannot sign off version {Version} of '{ModelId}': you are {conflict}. Ask somebody who did not build it.");
        }

        if (caller.Kind != CallerKind.Person || context.Require("sign off", Role) is not null || Allowed(Role, Meaning) is false)
        {
            return Refusal.Forbidden("role-required",
                "Validators, compliance and the committee approve or reject; the owner attests. You sign in a role you hold.");
        }

        if (context.RequireFresh(model.Registration.Tier) is { } stale)
        {
            return stale;
        }

        if (Role == Role.Owner && model.Registration.Owner != caller.Subject)
        {
            return Refusal.Forbidden("not-the-owner", $"Only the registered owner of '{ModelId}' attests it.");
        }

        if (!Text.IsProse(Comment, 4000))
        {
            return Refusal.Invalid("comment-required", "A signature needs a comment of 1 to 4000 characters: what you looked at and concluded.");
        }

        if (version.Evidence.IsEmpty)
        {
            return Refusal.Conflict("no-evidence", $"Version {Version} has no evidence yet. Run the checks first.");
        }

        if (version.Status is VersionStatus.Rejected or VersionStatus.Suspended)
        {
            return Refusal.Conflict("version-closed", $"Version {Version} is {version.Status.ToString().ToLowerInvariant()}; submit a corrected one.");
        }

        if (Meaning == SignOffMeaning.Rejected && version.Serves)
        {
            return Refusal.Conflict("version-serving", $"Version {Version} answers the route; suspend it, which needs no gate and gives a reason.");
        }

        var binding = version.Binding(context.State, context.Gate.Policy);
        if (binding != Binding)
        {
            return Refusal.Conflict("binding-changed", "The version, its evidence or the policy changed since you looked. Look again and sign what is there now.");
        }

        if (version.ValidSignOffs(context.State, context.Gate.Policy).Any(s => s.Person == caller.Subject))
        {
            return Refusal.Conflict("already-signed", "You have signed this version already; one person signs once.");
        }

        var signed = new VersionSignedOff(ModelId, Version, caller.Subject, caller.Name, Role.Name(), (int)Role.Line(), Meaning, Comment, binding);
        if (Meaning != SignOffMeaning.Approved)
        {
            return Decision.Accept(signed);
        }

        // What policy denies cannot be approved; whose acts are still missing does not matter here.
        var answer = GateAnswer.Ask(context, context.State, version, GateNames.Approve);
        return answer.Decision.Status == GateStatus.Denied ? answer.Refuse() : answer.Accept(signed);
    }

    private static bool Allowed(Role role, SignOffMeaning meaning) => role switch
    {
        Role.Validator or Role.Compliance or Role.Committee => meaning is SignOffMeaning.Approved or SignOffMeaning.Rejected,
        Role.Owner => meaning == SignOffMeaning.Attested,
        _ => false,
    };
}

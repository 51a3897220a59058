using Governance.Core.Identity;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>Segregation of duties: who has too much to do with a model to judge it (MRM-07: zero self-approvals).</summary>
internal static class Independence
{
    /// <summary>What ties the caller to the model or version, in words that follow "you are"; null when nothing does.</summary>
    /// <param name="acting">The role the caller acts in: the owner acts for the first line only.</param>
    public static string? Conflict(ModelState model, VersionState? version, Caller caller, Role acting)
    {
        if (acting != Role.Owner && model.Registration.Owner == caller.Subject)
        {
            return "its owner, who judges in no other role";
        }

        if (version?.SubmittedBy == caller.Subject)
        {
            return "the one who submitted it";
        }

        if (model.Registration.Developers.Contains(caller.Subject, StringComparer.Ordinal))
        {
            return "one of its developers";
        }

        return model.RegisteredBy == caller.Subject ? "the one who registered it" : null;
    }
}

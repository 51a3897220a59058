namespace Governance.Core.Identity;

/// <summary>
/// What a caller may be. The duties of each role are decided in the domain, never in a page; a role says who somebody is, not what is allowed now.
/// Written in tokens and documents in lower case: <c>developer</c>, <c>dpo</c>.
/// </summary>
public enum Role
{
    /// <summary>Builds models: registers, trains, submits. First line.</summary>
    Developer,

    /// <summary>Owns a model in the business: attests its purpose, accepts its risk, promotes. First line.</summary>
    Owner,

    /// <summary>Challenges and validates independently. Second line.</summary>
    Validator,

    /// <summary>Member of the model-risk committee. Second line.</summary>
    Committee,

    /// <summary>Compliance officer: fair lending, adverse action, policy. Second line.</summary>
    Compliance,

    /// <summary>Data protection officer: advises, monitors, may veto privacy waivers, never decides purposes. Second line.</summary>
    Dpo,

    /// <summary>Reads and exports everything, writes nothing else. Third line.</summary>
    Auditor,

    /// <summary>A bank application that calls the inference endpoint. No line.</summary>
    Client,

    /// <summary>Keeps users, keys and backups; cannot sign, read personal payloads or edit logs. No line.</summary>
    Administrator,

    /// <summary>Looks at single decisions by hand and may override them; has no part in the model. First line.</summary>
    Reviewer,
}

/// <summary>The three lines of defence of risk governance; a second signature comes from another line than the first.</summary>
public enum LineOfDefence
{
    /// <summary>Stands outside the lines: applications and administrators. Never signs.</summary>
    None = 0,

    /// <summary>Builds and owns the risk.</summary>
    First = 1,

    /// <summary>Oversees and challenges it.</summary>
    Second = 2,

    /// <summary>Audits both.</summary>
    Third = 3,
}

/// <summary>Names and lines of the roles. Pure functions.</summary>
public static class RoleNames
{
    public static IReadOnlyList<Role> All { get; } = Enum.GetValues<Role>();

    /// <summary>The name in tokens, documents and messages: <c>validator</c>.</summary>
    public static string Name(this Role role) => role switch
    {
        Role.Developer => "developer",
        Role.Owner => "owner",
        Role.Validator => "validator",
        Role.Committee => "committee",
        Role.Compliance => "compliance",
        Role.Dpo => "dpo",
        Role.Auditor => "auditor",
        Role.Client => "client",
        Role.Administrator => "administrator",
        Role.Reviewer => "reviewer",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "Not a role."),
    };

    /// <summary>Reads exactly the form of <see cref="Name"/>; another case, a number or an unknown name is no role.</summary>
    public static bool TryParse(string? name, out Role role)
    {
        foreach (var candidate in All)
        {
            if (string.Equals(candidate.Name(), name, StringComparison.Ordinal))
            {
                role = candidate;
                return true;
            }
        }

        role = default;
        return false;
    }

    public static LineOfDefence Line(this Role role) => role switch
    {
        Role.Developer or Role.Owner or Role.Reviewer => LineOfDefence.First,
        Role.Validator or Role.Committee or Role.Compliance or Role.Dpo => LineOfDefence.Second,
        Role.Auditor => LineOfDefence.Third,
        _ => LineOfDefence.None,
    };
}

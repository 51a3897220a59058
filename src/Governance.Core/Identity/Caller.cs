namespace Governance.Core.Identity;

/// <summary>Whether somebody or something calls. Applications never sign or approve.</summary>
public enum CallerKind
{
    Application,
    Person,
}

/// <summary>
/// Who calls: what a valid token said and nothing else. The same for the API, the command line and the portal. Immutable.
/// </summary>
public sealed record Caller
{
    /// <summary>The issuer's stable identifier, 1 to 256 characters; what segregation of duties compares.</summary>
    public required string Subject { get; init; }

    /// <summary>For people to read; never compared.</summary>
    public required string Name { get; init; }

    public required CallerKind Kind { get; init; }

    /// <summary>At least one.</summary>
    public required RoleSet Roles { get; init; }

    /// <summary>Names the token without being it: the issuer's identifier, or a part of its digest.</summary>
    public required string TokenId { get; init; }

    /// <summary>When the proof of identity ends, UTC; a session made from it ends then too.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When the person last proved who they are, UTC; null when the token does not say, and then nothing can be signed with it.</summary>
    public DateTimeOffset? AuthenticatedAt { get; init; }

    /// <summary>
    /// The lines of defence of the caller's roles, in order, without <see cref="LineOfDefence.None"/>.
    /// More than one is a conflict that signing has to consider.
    /// </summary>
    public IReadOnlyList<LineOfDefence> Lines =>
        [.. Roles.Select(r => r.Line()).Where(l => l != LineOfDefence.None).Distinct().Order()];

    /// <summary>True for a person.</summary>
    public bool IsPerson => Kind == CallerKind.Person;

    public bool Is(Role role) => Roles.Contains(role);
}

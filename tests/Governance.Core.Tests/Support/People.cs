using Governance.Core.Identity;

namespace Governance.Core.Tests.Support;

/// <summary>Callers with one duty each, as tokens would make them.</summary>
internal static class People
{
    public static Caller Dana { get; } = Person("dana", Role.Developer);

    public static Caller Dev2 { get; } = Person("devi", Role.Developer);

    public static Caller Victor { get; } = Person("victor", Role.Validator);

    public static Caller Carla { get; } = Person("carla", Role.Compliance);

    public static Caller Chris { get; } = Person("chris", Role.Committee);

    public static Caller Olivia { get; } = Person("olivia", Role.Owner);

    public static Caller Dora { get; } = Person("dora", Role.Dpo);

    public static Caller System => SystemCaller.Instance;

    public static Caller Person(string subject, params ReadOnlySpan<Role> roles) => Make(subject, CallerKind.Person, RoleSet.Of(roles));

    public static Caller Application(string subject, params ReadOnlySpan<Role> roles) => Make(subject, CallerKind.Application, RoleSet.Of(roles));

    private static Caller Make(string subject, CallerKind kind, RoleSet roles) => new()
    {
        Subject = subject,
        Name = subject.ToUpperInvariant(),
        Kind = kind,
        Roles = roles,
        TokenId = "t-" + subject,
        ExpiresAt = DateTimeOffset.MaxValue,
        AuthenticatedAt = DateTimeOffset.MaxValue,
    };
}

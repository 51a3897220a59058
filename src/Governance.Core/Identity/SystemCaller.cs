namespace Governance.Core.Identity;

/// <summary>
/// What the gateway itself acts as: it records evidence of the runs it was asked for, anchors logs and publishes the shipped pack.
/// Has no role, so it passes no duty of a person; compared by reference, so no token can be it.
/// </summary>
public static class SystemCaller
{
    public static Caller Instance { get; } = new()
    {
        Subject = "system",
        Name = "Gateway",
        Kind = CallerKind.Application,
        Roles = default,
        TokenId = "",
        ExpiresAt = DateTimeOffset.MaxValue,
    };

    public static bool IsSystem(this Caller caller) => ReferenceEquals(caller, Instance);
}

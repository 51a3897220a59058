using System.Globalization;
using System.Security.Claims;
using Governance.Core.Identity;

namespace Governance.Gateway.Identity;

/// <summary>Carries a <see cref="Caller"/> through ASP.NET Core as claims, and back. Bearer and cookie carry the same.</summary>
public static class CallerPrincipal
{
    private const string Subject = "sub";
    private const string Name = "name";
    private const string Roles = "roles";
    private const string Kind = "idtyp";
    private const string TokenId = "jti";
    private const string ExpiresAt = "exp";
    private const string AuthenticatedAt = "auth_time";

    /// <summary>The caller of this request.</summary>
    /// <exception cref="InvalidOperationException">Nobody is authenticated: the endpoint lacks <c>RequireAuthorization</c>.</exception>
    public static Caller GetCaller(this HttpContext context) =>
        context.FindCaller() ?? throw new InvalidOperationException("The endpoint asks for the caller but requires no authorization.");

    /// <summary>The caller of this request, or null when nobody is authenticated.</summary>
    public static Caller? FindCaller(this HttpContext context) => context.User.ToCaller();

    internal static ClaimsPrincipal ToPrincipal(this Caller caller, string scheme)
    {
        var identity = new CallerIdentity(caller, scheme);
        identity.AddClaim(new Claim(Subject, caller.Subject));
        identity.AddClaim(new Claim(Name, caller.Name));
        identity.AddClaim(new Claim(Kind, caller.IsPerson ? "user" : "app"));
        identity.AddClaim(new Claim(TokenId, caller.TokenId));
        identity.AddClaim(new Claim(ExpiresAt, caller.ExpiresAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        if (caller.AuthenticatedAt is { } at)
        {
            identity.AddClaim(new Claim(AuthenticatedAt, at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        }

        identity.AddClaims(caller.Roles.Select(role => new Claim(Roles, role.Name())));
        return new ClaimsPrincipal(identity);
    }

    internal static Caller? ToCaller(this ClaimsPrincipal principal)
    {
        if (principal.Identity is not { IsAuthenticated: true })
        {
            return null;
        }

        if (principal.Identity is CallerIdentity { Caller: var known })
        {
            return known;
        }

        var roles = default(RoleSet);
        foreach (var claim in principal.FindAll(Roles))
        {
            roles = RoleNames.TryParse(claim.Value, out var role) ? roles.With(role) : roles;
        }

        return new Caller
        {
            Subject = Value(principal, Subject),
            Name = Value(principal, Name),
            Kind = Value(principal, Kind) == "user" ? CallerKind.Person : CallerKind.Application,
            Roles = roles,
            TokenId = Value(principal, TokenId),
            ExpiresAt = Time(Value(principal, ExpiresAt)),
            AuthenticatedAt = principal.FindFirst(AuthenticatedAt) is { } at ? Time(at.Value) : null,
        };
    }

    private static DateTimeOffset Time(string seconds) => DateTimeOffset.FromUnixTimeSeconds(long.Parse(seconds, CultureInfo.InvariantCulture));

    private static string Value(ClaimsPrincipal principal, string type) =>
        principal.FindFirst(type)?.Value ?? throw new InvalidOperationException($"The principal has no '{type}' claim: it was not made here.");

    /// <summary>Claims of a caller that was made into them in this request; a cookie's are read back.</summary>
    private sealed class CallerIdentity(Caller caller, string scheme) : ClaimsIdentity(scheme, CallerPrincipal.Name, CallerPrincipal.Roles)
    {
        public Caller Caller => caller;
    }
}

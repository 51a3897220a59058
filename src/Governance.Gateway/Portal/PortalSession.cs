using Governance.Core.Identity;
using Governance.Gateway.Identity;
using Microsoft.AspNetCore.Authentication;

namespace Governance.Gateway.Portal;

/// <summary>The portal's session: a cookie made from a validated token, ending when the token does.</summary>
internal static class PortalSession
{
    /// <summary>Validates the token and signs the person in; else says why not. Applications have no session.</summary>
    public static async Task<string?> SignInAsync(HttpContext context, string token, CancellationToken cancellationToken)
    {
        var outcome = await context.RequestServices.GetRequiredService<ITokenValidator>().ValidateAsync(token, cancellationToken);
        switch (outcome)
        {
            case TokenOutcome.Refused refused:
                return refused.Detail;
            case TokenOutcome.Valid { Caller.IsPerson: false }:
                return "This token is an application's. The portal is for people; applications use the API.";
            case TokenOutcome.Valid { Caller: var caller }:
                await context.SignInAsync(
                    IdentitySchemes.Portal,
                    caller.ToPrincipal(IdentitySchemes.Portal),
                    new AuthenticationProperties
                    {
                        IssuedUtc = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(),
                        ExpiresUtc = caller.ExpiresAt,
                        AllowRefresh = false,
                    });
                return null;
            default:
                throw new InvalidOperationException("Unknown token outcome.");
        }
    }

    /// <summary>Whether the person proved who they are recently enough to sign.</summary>
    public static bool IsFresh(HttpContext context, TimeSpan maxAge) =>
        context.GetCaller().AuthenticatedAt is { } at && context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow() - at <= maxAge;

    /// <summary>A path of this site, or the start page: never an address elsewhere.</summary>
    public static string LocalPath(string? path) =>
        path is ['/', ..] && !path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("/\\", StringComparison.Ordinal) && !path.Any(char.IsControl)
            ? path
            : "/";
}

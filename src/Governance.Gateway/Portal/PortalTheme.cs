using Microsoft.AspNetCore.Mvc;

namespace Governance.Gateway.Portal;

/// <summary>Light, dark, or as the system has it: kept in a cookie, switched by a form, so it needs no script.</summary>
internal static class PortalTheme
{
    private const string Cookie = "theme";

    /// <summary><c>light</c> or <c>dark</c>; null for the system's.</summary>
    public static string? Of(HttpContext context) => context.Request.Cookies[Cookie] is "light" or "dark" ? context.Request.Cookies[Cookie] : null;

    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/theme", (HttpContext context, [FromForm] string? theme, [FromForm] string? returnUrl) =>
        {
            if (theme is "light" or "dark")
            {
                context.Response.Cookies.Append(Cookie, theme, new CookieOptions
                {
                    HttpOnly = true,
                    IsEssential = true,
                    MaxAge = TimeSpan.FromDays(365),
                    SameSite = SameSiteMode.Strict,
                    Secure = context.Request.IsHttps,
                });
            }
            else
            {
                context.Response.Cookies.Delete(Cookie);
            }

            return Results.LocalRedirect(PortalSession.LocalPath(returnUrl));
        }).AllowAnonymous().WithMetadata(new Identity.PortalEndpointAttribute()).ExcludeFromDescription();
}

using Governance.Gateway.Identity;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;

namespace Governance.Gateway.Portal;

/// <summary>The two front doors of the portal.</summary>
public static class PortalServices
{
    private const string Policy =
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>The pages' services. The host also registers an <see cref="IPortalReader"/> and an <see cref="IPortalActions"/>.</summary>
    public static IServiceCollection AddPortal(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddHttpContextAccessor();
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = "governance-form";
            o.Cookie.HttpOnly = true;
            o.Cookie.SameSite = SameSiteMode.Strict;
            o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        return services;
    }

    /// <summary>Maps the pages, their assets, sign-out and the theme switch. Call once, after the host's own middleware.</summary>
    public static WebApplication MapPortal(this WebApplication app)
    {
        app.UseAntiforgery();
        app.Use((context, next) =>
        {
            if (context.GetEndpoint()?.Metadata.GetMetadata<PortalEndpointAttribute>() is not null)
            {
                Protect(context.Response.Headers);
            }

            return next(context);
        });
        PortalAssets.Map(app);
        PortalTheme.Map(app);
        app.MapPost("/sign-out", async (HttpContext context, IAntiforgery antiforgery) =>
        {
            await antiforgery.ValidateRequestAsync(context);
            await context.SignOutAsync(IdentitySchemes.Portal);
            return Results.LocalRedirect("/sign-in");
        }).WithMetadata(new PortalEndpointAttribute()).ExcludeFromDescription();
        app.MapRazorComponents<App>().WithMetadata(new PortalEndpointAttribute());
        return app;
    }

    /// <summary>No content but ours, no frame around it, no copy left behind.</summary>
    internal static void Protect(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }
}

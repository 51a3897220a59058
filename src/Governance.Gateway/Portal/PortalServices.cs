using Governance.Gateway.Api;
using Governance.Gateway.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;

namespace Governance.Gateway.Portal;

/// <summary>The two front doors of the portal.</summary>
public static class PortalServices
{
    private const string Policy =
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

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
        app.Use(next => context =>
        {
            if (context.GetEndpoint() is not { } endpoint)
            {
                return NothingAsync(next, context);
            }

            if (endpoint.Metadata.GetMetadata<PortalEndpointAttribute>() is not null)
            {
                Protect(context.Response.Headers);
            }

            return next(context);
        });
        PortalAssets.Map(app);
        PortalTheme.Map(app);
        app.MapPost("/sign-out", async (HttpContext context, [FromForm] string? returnUrl) =>
        {
            await context.SignOutAsync(IdentitySchemes.Portal);
            return Results.LocalRedirect(PortalSession.LocalPath(returnUrl));
        }).WithMetadata(new PortalEndpointAttribute()).ExcludeFromDescription();
        app.MapGet("/runs/{runId}/events", (string runId, [FromHeader(Name = "Last-Event-ID")] string? lastEventId, IPortalRuns runs, CancellationToken cancellationToken) =>
            runs.Find(runId) is null ? Results.NotFound() : TypedResults.ServerSentEvents(runs.WatchAsync(runId, lastEventId, cancellationToken)))
            .WithMetadata(new PortalEndpointAttribute()).RequireAuthorization().ExcludeFromDescription();
        app.MapRazorComponents<App>().WithMetadata(new PortalEndpointAttribute());
        return app;
    }

    private static async Task NothingAsync(RequestDelegate next, HttpContext context)
    {
        await next(context);
        if (context.GetEndpoint() is null && context.Response is { StatusCode: StatusCodes.Status404NotFound, HasStarted: false })
        {
            await Problems.WriteAsync(context, Problems.Of(StatusCodes.Status404NotFound, "not-found", "There is nothing at this address."));
        }
    }

    /// <summary>Says that the page is about something that does not exist. Set late, because Blazor leaves out the body of an early 404.</summary>
    internal static void NotFound(this HttpResponse response) => response.OnStarting(() =>
    {
        response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });

    /// <summary>No content but ours, no frame around it, no copy left behind.</summary>
    internal static void Protect(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }
}

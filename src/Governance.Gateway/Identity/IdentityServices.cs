using Governance.Core.Identity;
using Governance.Gateway.Hosting;
using Governance.Gateway.Identity.Certificates;
using Governance.Gateway.Identity.Development;
using Governance.Gateway.Identity.Jose;
using Governance.Gateway.Portal;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Governance.Gateway.Identity;

/// <summary>The two front doors of this room.</summary>
public static class IdentityServices
{
    /// <summary>
    /// Bearer tokens or client certificates for the API, a cookie for the portal, all carrying a <see cref="Caller"/>. Authorization requires a caller everywhere
    /// unless an endpoint says <c>AllowAnonymous</c>.
    /// </summary>
    /// <param name="dataFolder">Where the portal's keys and, in Development, the issuer's key are kept.</param>
    /// <exception cref="StartupRefusedException">The configuration is not one to start with.</exception>
    public static WebApplicationBuilder AddGovernanceIdentity(this WebApplicationBuilder builder, string dataFolder)
    {
        var services = builder.Services;
        var isDevelopment = builder.Environment.IsDevelopment();
        services.TryAddSingleton(TimeProvider.System);
        if (IdentitySettings.Read(builder.Configuration, isDevelopment) is { } settings)
        {
            services.AddConfiguredIssuer(settings);
        }
        else
        {
            LoopbackOnly.CheckConfiguration(builder.Configuration);
            services.AddDevelopmentIssuer(dataFolder);
        }

        services.AddSingleton(new ClientCertificates(builder.Configuration, TimeProvider.System));
        services.AddPortalKeys(dataFolder);
        services.AddAuthentication(IdentitySchemes.Default)
            .AddPolicyScheme(IdentitySchemes.Default, displayName: null, o => o.ForwardDefaultSelector = SchemeOf)
            .AddScheme<AuthenticationSchemeOptions, BearerHandler>(IdentitySchemes.Bearer, configureOptions: null)
            .AddScheme<AuthenticationSchemeOptions, CertificateHandler>(IdentitySchemes.Certificate, configureOptions: null)
            .AddCookie(IdentitySchemes.Portal, o =>
            {
                o.Cookie.Name = isDevelopment ? "governance" : "__Host-governance";
                o.Cookie.HttpOnly = true;
                o.Cookie.SameSite = SameSiteMode.Strict;
                o.Cookie.SecurePolicy = isDevelopment ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
                o.Cookie.Path = "/";
                o.LoginPath = "/sign-in";
                o.AccessDeniedPath = "/sign-in";
                o.ReturnUrlParameter = "returnUrl";
                o.SlidingExpiration = false;
                o.ExpireTimeSpan = DevelopmentIssuer.Lifetime;
            });
        services.AddAuthorizationBuilder().SetFallbackPolicy(
            new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder(IdentitySchemes.Default).RequireAuthenticatedUser().Build());
        return builder;
    }

    /// <summary>Maps <c>/dev/personas</c> and <c>/dev/token</c> where the built-in issuer runs; nothing elsewhere.</summary>
    public static IEndpointRouteBuilder MapGovernanceIdentity(this IEndpointRouteBuilder endpoints)
    {
        if (endpoints.ServiceProvider.GetService<DevelopmentIssuer>() is { } issuer)
        {
            DevelopmentEndpoints.Map(endpoints, issuer);
        }

        return endpoints;
    }

    /// <summary>The cookie on pages, and on addresses of nothing that a browser asks for; bearer tokens or client certificates everywhere else.</summary>
    private static string SchemeOf(HttpContext context)
    {
        var isPage = context.GetEndpoint() is { } endpoint
            ? endpoint.Metadata.GetMetadata<PortalEndpointAttribute>() is not null
            : ProblemPages.AskedFor(context.Request);
        return isPage ? IdentitySchemes.Portal
            : context.Request.Headers.Authorization.Count == 0 && context.Connection.ClientCertificate is not null ? IdentitySchemes.Certificate
            : IdentitySchemes.Bearer;
    }

    private static void AddConfiguredIssuer(this IServiceCollection services, IdentitySettings settings)
    {
        services.TryAddSingleton(_ => new KeySetReader(settings, KeySetReader.CreateHandler()));
        services.TryAddSingleton(p => new KeySetCache(p.GetRequiredService<KeySetReader>().ReadAsync, p.GetRequiredService<TimeProvider>()));
        services.AddTokenValidator(settings.Issuer, settings.Audience);
    }

    private static void AddDevelopmentIssuer(this IServiceCollection services, string dataFolder)
    {
        var key = DevelopmentKey.OpenOrCreate(dataFolder);
        services.AddSingleton(p => new DevelopmentIssuer(key, p.GetRequiredService<TimeProvider>()));
        services.AddHostedService<LoopbackOnly>();
        services.TryAddSingleton(p => new KeySetCache(
            _ => Task.FromResult(p.GetRequiredService<DevelopmentIssuer>().PublicKeys()), p.GetRequiredService<TimeProvider>()));
        services.AddTokenValidator(DevelopmentIssuer.Issuer, DevelopmentIssuer.Audience);
    }

    private static void AddTokenValidator(this IServiceCollection services, string issuer, string audience) => services.TryAddSingleton<ITokenValidator>(p =>
    {
        var time = p.GetRequiredService<TimeProvider>();
        return new CachedTokenValidator(new JwtTokenValidator(issuer, audience, p.GetRequiredService<KeySetCache>(), time), time);
    });

    private static void AddPortalKeys(this IServiceCollection services, string dataFolder)
    {
        var folder = Path.Combine(dataFolder, "identity", "portal-keys");
        KeyFile.CreatePrivateFolder(folder);
        services.AddDataProtection().SetApplicationName("governance").PersistKeysToFileSystem(new DirectoryInfo(folder));
    }
}

using Governance.Gateway.Identity;
using Governance.Gateway.Portal;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Gateway.Tests.Portal;

/// <summary>The portal on a real socket of this machine, over sample data, as the Development personas see it.</summary>
internal sealed class PortalHost : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly WebApplication app;

    private PortalHost(SampleReader reader, TimeProvider time)
    {
        Reader = reader;
        Actions = new SampleActions(reader);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IPortalReader>(Reader);
        builder.Services.AddSingleton<IPortalActions>(Actions);
        builder.Services.AddSingleton<IPortalPolicies>(Policies);
        builder.Services.AddSingleton<IPortalRuns>(Runs);
        builder.Services.AddSingleton<IPortalReviews>(Reviews);
        builder.AddGovernanceIdentity(folder.Path);
        builder.Services.AddPortal();
        app = builder.Build();
        app.MapGovernanceIdentity();
        app.MapGet("/api/me", (HttpContext context) => context.GetCaller().Name);
        app.MapPortal();
    }

    public SampleReader Reader { get; }

    public SampleActions Actions { get; }

    public SamplePolicies Policies { get; } = new();

    public SampleRuns Runs { get; } = new();

    public SampleReviews Reviews { get; } = new();

    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<PortalHost> StartAsync(CancellationToken cancellationToken, SampleReader? reader = null, TimeProvider? time = null)
    {
        var host = new PortalHost(reader ?? new SampleReader(), time ?? TimeProvider.System);
        await host.app.StartAsync(cancellationToken);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        folder.Dispose();
    }
}

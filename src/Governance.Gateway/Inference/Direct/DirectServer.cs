using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace Governance.Gateway.Inference.Direct;

/// <summary>The web server, with the direct way to inference before the pipeline of everything else.</summary>
internal sealed class DirectServer(IServer server, DirectInference inference) : IServer
{
    public IFeatureCollection Features => server.Features;

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => server.StartAsync(new DirectApplication<TContext>(application, inference), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);

    public void Dispose() => server.Dispose();

    /// <summary>Puts the direct way before the server that is registered.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<DirectInference>();
        var registered = services.Last(s => s.ServiceType == typeof(IServer));
        services.Remove(registered);
        services.Add(new ServiceDescriptor(typeof(IServer), p => new DirectServer(Server(registered, p), p.GetRequiredService<DirectInference>()), ServiceLifetime.Singleton));
    }

    private static IServer Server(ServiceDescriptor registered, IServiceProvider services) => (IServer)(
        registered.ImplementationInstance
        ?? registered.ImplementationFactory?.Invoke(services)
        ?? ActivatorUtilities.CreateInstance(services, registered.ImplementationType!));
}

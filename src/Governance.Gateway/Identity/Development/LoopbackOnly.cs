using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Governance.Gateway.Identity.Development;

/// <summary>
/// Keeps the built-in issuer on this machine: refuses configured addresses that are not loopback before listening, and ends the start when
/// the server turns out to listen elsewhere all the same.
/// </summary>
internal sealed class LoopbackOnly(IServer server) : IHostedLifecycleService
{
    private const string Advice =
        "The built-in token issuer serves this machine only. Listen on http://localhost:PORT (key 'urls'), or set Identity:Issuer, Identity:Audience and Identity:Jwks.";

    /// <exception cref="StartupRefusedException">An address in the configuration is not loopback.</exception>
    public static void CheckConfiguration(IConfiguration configuration)
    {
        var urls = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"] ?? ""))
            .ToList();
        if (urls.Count == 0 && ((configuration["http_ports"] ?? "") + (configuration["https_ports"] ?? "")).Length > 0)
        {
            throw new StartupRefusedException("'http_ports' and 'https_ports' listen on every address. " + Advice);
        }

        Check(urls);
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Check(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whether a host name, as in a URL or a Host header, is this machine's loopback.</summary>
    public static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static void Check(IEnumerable<string> urls)
    {
        foreach (var url in urls)
        {
            if (!IsLoopback(BindingAddress.Parse(url).Host))
            {
                throw new StartupRefusedException($"The gateway would listen on {url} without a configured issuer. {Advice}");
            }
        }
    }
}

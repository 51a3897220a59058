using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Governance.Client;
using Governance.Client.Tokens;

namespace Governance.EndToEnd.Tests;

/// <summary>A gateway in a process of its own, in Development, on a loopback port of its own.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly HttpClient http;
    private readonly Task<string> errors;

    private GatewayProcess(Process process, Uri address, Task<string> errors)
    {
        (this.process, Address, this.errors) = (process, address, errors);
        http = GovernanceClient.CreateHttpClient(address);
    }

    public Uri Address { get; }

    /// <summary>Starts a gateway and waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended instead; the message is what it said.</exception>
    public static async Task<GatewayProcess> StartAsync(string dataFolder, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}/");
        var started = Launch(dataFolder, address);
        _ = started.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        var gateway = new GatewayProcess(started, address, started.StandardError.ReadToEndAsync(CancellationToken.None));
        var client = gateway.As(null);
        while (!await client.IsReadyAsync(cancellationToken))
        {
            if (started.HasExited)
            {
                throw new InvalidOperationException($"The gateway ended with {started.ExitCode}: {await gateway.errors}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }

        return gateway;
    }

    /// <summary>Starts a gateway that should refuse to run.</summary>
    public static async Task<Execution> RunToEndAsync(string dataFolder) =>
        await Execution.RunAsync("dotnet", Arguments(dataFolder, new Uri($"http://127.0.0.1:{FreePort()}/")), Variables());

    /// <summary>A client as a persona; null for nobody.</summary>
    public GovernanceClient As(string? persona) =>
        new(http, persona is null ? FixedToken.None : new DevelopmentPersona(http, persona, TimeProvider.System), new GovernanceClientOptions { Retries = 0 });

    /// <summary>As <c>kill -9</c>: no chance to finish anything.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        http.Dispose();
        process.Dispose();
    }

    private static Process Launch(string dataFolder, Uri address) => Execution.Start("dotnet", Arguments(dataFolder, address), Variables());

    private static string[] Arguments(string dataFolder, Uri address) =>
        [Programs.Gateway, "--data", dataFolder, "--urls", address.AbsoluteUri.TrimEnd('/')];

    private static Dictionary<string, string> Variables() => new() { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["Logging__LogLevel__Default"] = "Warning" };

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

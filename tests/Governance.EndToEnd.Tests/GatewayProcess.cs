using System.Diagnostics;
using System.Net;
using Governance.Testing;

namespace Governance.EndToEnd.Tests;

/// <summary>A gateway in a process of its own, Development, on a free loopback port.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> error;

    private GatewayProcess(Process process, Uri address)
    {
        this.process = process;
        Address = address;
        output = process.StandardOutput.ReadToEndAsync();
        error = process.StandardError.ReadToEndAsync();
    }

    public Uri Address { get; }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="settings">More settings, as environment variables.</param>
    public static async Task<GatewayProcess> StartAsync(string dataFolder, CancellationToken cancellationToken, params (string Name, string Value)[] settings)
    {
        var gateway = Begin(dataFolder, settings);
        using var http = new HttpClient { BaseAddress = gateway.Address };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await poll.WaitForNextTickAsync(limit.Token))
        {
            if (gateway.process.HasExited)
            {
                Assert.Fail($"The gateway ended with {gateway.process.ExitCode}: {await gateway.error}");
            }

            try
            {
                using var ready = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), limit.Token);
                if (ready.StatusCode == HttpStatusCode.OK)
                {
                    break;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }

        return gateway;
    }

    /// <summary>Starts one that is expected to end by itself.</summary>
    public static async Task<(int ExitCode, string Error)> RefusedAsync(
        string dataFolder, CancellationToken cancellationToken, params (string Name, string Value)[] settings)
    {
        await using var gateway = Begin(dataFolder, settings);
        await gateway.process.WaitForExitAsync(cancellationToken);
        return (gateway.process.ExitCode, await gateway.error);
    }

    /// <summary>kill -9: nothing is flushed, nothing is said.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>What it wrote to standard output and error; only after its end.</summary>
    public async Task<string> LogAsync() => await output + await error;

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private static GatewayProcess Begin(string dataFolder, (string Name, string Value)[] settings)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Find()}/");
        var started = Programs.Start(
            "dotnet", [Programs.Gateway, "--data", dataFolder, "--urls", address.AbsoluteUri], [("ASPNETCORE_ENVIRONMENT", "Development"), .. settings]);
        return new GatewayProcess(started, address);
    }
}

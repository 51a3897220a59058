using System.Diagnostics;
using Governance.Testing;

namespace Governance.Gateway.Tests.Api;

/// <summary>The gateway in a process of its own, to be killed.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private readonly Process process;

    private RunningGateway(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<RunningGateway> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Find()}/");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Governance.Gateway.dll"), "--data", folder, "--urls", address.AbsoluteUri, "--Logging:LogLevel:Default=None"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["DOTNET_ENVIRONMENT"] = "Development" },
        };
        var gateway = new RunningGateway(Process.Start(start)!, address);
        _ = gateway.process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = gateway.process.StandardError.ReadToEndAsync(cancellationToken);
        using var http = new HttpClient { BaseAddress = address };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await poll.WaitForNextTickAsync(limit.Token))
        {
            Assert.False(gateway.process.HasExited, gateway.process.HasExited ? await error : "");
            try
            {
                using var ready = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), limit.Token);
                if (ready.IsSuccessStatusCode)
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

    /// <summary>kill -9: nothing is flushed, nothing is said.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        process.Dispose();
    }
}

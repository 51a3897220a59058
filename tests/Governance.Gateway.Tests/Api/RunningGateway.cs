using System.Diagnostics;
using System.Globalization;
using Governance.Testing;

namespace Governance.Gateway.Tests.Api;

/// <summary>The gateway in a process of its own, to be killed.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private readonly Process process;

    private RunningGateway(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    public int Id => process.Id;

    /// <summary>Sockets it has open now; Linux.</summary>
    public int OpenSockets => new DirectoryInfo($"/proc/{Id}/fd").EnumerateFileSystemInfos().Count(f => f.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    /// <summary>Files and sockets it may have open; Linux.</summary>
    public int MostOpenFiles => File.ReadLines($"/proc/{Id}/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3] is var soft && int.TryParse(soft, CultureInfo.InvariantCulture, out var most) ? most : int.MaxValue;

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="settings">As of <see cref="TestGateway"/>.</param>
    public static Task<RunningGateway> StartAsync(string folder, CancellationToken cancellationToken, params string[] settings) =>
        StartAsync(folder, FreeAddress(), cancellationToken, settings);

    /// <summary>An address of this machine that nobody listens on.</summary>
    public static Uri FreeAddress() => new($"http://127.0.0.1:{FreePort.Find()}/");

    public static async Task<RunningGateway> StartAsync(string folder, Uri address, CancellationToken cancellationToken, params string[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Governance.Gateway.dll"), "--data", folder, "--urls", address.AbsoluteUri, "--Logging:LogLevel:Default=None", .. settings.Select(TestGateway.Argument)])
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

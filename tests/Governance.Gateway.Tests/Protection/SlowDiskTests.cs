using System.Diagnostics;
using System.Globalization;
using System.Net;
using Governance.Gateway.Tests.Api;

namespace Governance.Gateway.Tests.Protection;

/// <summary>A disk that becomes slow and quick again, by strace delaying the flushes of a real process: what cannot be taken is told to come again.</summary>
[Collection(nameof(LenderFixture))]
public sealed class SlowDiskTests(LenderFixture lender)
{
    private const int Concurrency = 8;
    private const int Queue = 8;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_a_slow_disk_the_gateway_sheds_and_answers_and_when_it_is_quick_again_nobody_is_shed()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var process = await RunningGateway.StartAsync(copy.Path, Token, $"Protection:Concurrency={Concurrency}", $"Protection:Queue={Queue}");
        await using var load = await InferenceLoad.StartAsync(process.Address, workers: Concurrency, Token);
        await load.UntilMoreAsync(() => load.Given.Count, 50);
        Assert.Empty(load.Refused);

        await using var more = await WhileSlowAsync(process);
        var refused = load.Refused.Count;
        await load.UntilMoreAsync(() => load.Given.Count, 200);
        Assert.Equal(refused, load.Refused.Count);
        await load.StopAsync();
        Assert.All(load.Refused.Concat(more.Refused), r => Assert.Equal((HttpStatusCode.ServiceUnavailable, "overloaded"), (r.Status, r.Code)));
        await load.CheckAsync(process.Address);
        await more.CheckAsync(process.Address);
    }

    /// <summary>More ask than there are places, until some were shed and some answered.</summary>
    private static async Task<InferenceLoad> WhileSlowAsync(RunningGateway process)
    {
        using var strace = Start("--quiet=all", "--follow-forks", "--output=/dev/null", "--trace=fdatasync", "--inject=fdatasync:delay_enter=300000",
            "--attach=" + process.Id.ToString(CultureInfo.InvariantCulture));
        try
        {
            var load = await InferenceLoad.StartAsync(process.Address, workers: 2 * (Concurrency + Queue), Token);
            await load.UntilMoreAsync(() => load.Refused.Count, 20);
            await load.UntilMoreAsync(() => load.Given.Count, 20);
            Assert.False(strace.HasExited);
            using var http = new HttpClient { BaseAddress = process.Address };
            foreach (var path in new[] { "/health/live", "/health/ready" })
            {
                Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(path, UriKind.Relative), Token)).StatusCode);
            }

            await load.StopAsync();
            return load;
        }
        finally
        {
            // Told to end it lets go of the process; killed it might not.
            using var end = Process.Start("kill", strace.Id.ToString(CultureInfo.InvariantCulture));
            await strace.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static Process Start(params string[] arguments)
    {
        try
        {
            var strace = Process.Start(new ProcessStartInfo("strace", arguments) { UseShellExecute = false, RedirectStandardError = true })!;
            Assert.SkipWhen(strace.WaitForExit(TimeSpan.FromMilliseconds(200)), "strace may not trace another process here");
            return strace;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("strace is not installed: apt-get install strace");
            throw;
        }
    }
}

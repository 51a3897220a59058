using System.Net;
using System.Net.Sockets;
using Governance.Gateway.Tests.Api;

namespace Governance.Gateway.Tests.Live;

/// <summary>Routes on servers that take a request and never answer, or answer byte by byte without end: nobody waits for them, and all is recorded.</summary>
[Collection(nameof(LenderFixture))]
public sealed class HangingUpstreamTests(LenderFixture lender)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_never_finishes_an_answer_is_given_up_in_time_and_the_route_is_well_without_it(bool drips)
    {
        await using var server = new HangingServer(drips);
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(
            copy.Path, $"Upstreams:stuck:Url=http://127.0.0.1:{server.Port}", "Upstreams:stuck:AllowedNetworks:0=127.0.0.0/8", "Upstreams:stuck:Timeout=00:00:00.3");
        (await gateway.PostAsync(LiveRoute.Path + "/settings", new { upstream = "stuck" }, "olivia")).MustBe(HttpStatusCode.OK);

        var waiting = Enumerable.Range(0, 8).Select(i => Lender.InferAsync(gateway, "STUCK-" + i)).ToList();
        (await gateway.GetAsync("/health/ready", persona: null)).MustBe(HttpStatusCode.OK);
        Assert.All(await Task.WhenAll(waiting), a => a.MustBe(HttpStatusCode.ServiceUnavailable, "upstream-unavailable"));
        Assert.True(server.Taken >= 8, $"{server.Taken} connections");
        var entries = (await gateway.ReadAsync("/api/v1/ledger/logs/inference/entries?order=desc&pageSize=8"))["items"]!.AsArray();
        Assert.All(entries, e => Assert.Equal("inference-failed.v1", e!["type"]!.GetValue<string>()));

        (await gateway.PostAsync(LiveRoute.Path + "/settings", "{}", "olivia")).MustBe(HttpStatusCode.OK);
        (await Lender.InferAsync(gateway, "WELL")).MustBe(HttpStatusCode.OK);
    }

    private sealed class HangingServer : IAsyncDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource over = new();
        private readonly bool drips;
        private readonly Task accepting;
        private int taken;

        public HangingServer(bool drips)
        {
            this.drips = drips;
            listener.Start();
            accepting = AcceptAsync();
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public int Taken => Volatile.Read(ref taken);

        public async ValueTask DisposeAsync()
        {
            await over.CancelAsync();
            listener.Dispose();
            await accepting;
            over.Dispose();
        }

        private async Task AcceptAsync()
        {
            var served = new List<Task>();
            try
            {
                while (true)
                {
                    served.Add(ServeAsync(await listener.AcceptTcpClientAsync(over.Token)));
                    Interlocked.Increment(ref taken);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                await Task.WhenAll(served);
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using (client)
            {
                try
                {
                    var stream = client.GetStream();
                    if (drips)
                    {
                        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"u8.ToArray(), over.Token);
                    }

                    using var drop = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
                    while (await drop.WaitForNextTickAsync(over.Token))
                    {
                        await stream.WriteAsync(drips ? " "u8.ToArray() : [], over.Token);
                    }
                }
                catch (Exception e) when (e is OperationCanceledException or IOException)
                {
                    // The client gave up, or the test is over.
                }
            }
        }
    }
}

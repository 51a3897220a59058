using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Governance.Gateway.Tests.Api;

namespace Governance.Gateway.Tests.Protection;

/// <summary>Ten thousand connections at once, some of which send headers without end: others are answered, and it is over when they are gone.</summary>
[Collection(nameof(LenderFixture))]
public sealed class CrowdTests(LenderFixture lender)
{
    private const int Crowd = 10_000;
    private const int Slow = 200;
    private const int Limit = Crowd + 100;

    /// <summary>A loopback address has some 28,000 ports to connect from, which other tests use as well.</summary>
    private const int FromEachAddress = 2_500;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_connections_keep_nobody_from_an_answer_and_those_beyond_the_limit_are_closed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Counts the sockets of a process and connects from several loopback addresses, which takes Linux");
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var process = await RunningGateway.StartAsync(copy.Path, Token, $"Protection:Connections={Limit}");
        Assert.SkipUnless(process.MostOpenFiles > Limit + 500, $"This machine allows a process {process.MostOpenFiles} open files; 10,000 connections take more");
        var crowd = new List<Socket>();
        try
        {
            await JoinAsync(crowd, process.Address, Crowd);
            await Task.WhenAll(crowd.Take(Slow).Select(s => s.SendAsync("POST /v2/models/x/infer HTTP/1.1\r\nHost: a\r\nX-A: "u8.ToArray(), Token).AsTask()));
            await UntilAsync(() => process.OpenSockets, open => open >= Crowd);
            await AnsweredAsync(process.Address);

            await JoinAsync(crowd, process.Address, 2 * (Limit - Crowd));
            var closed = await Task.WhenAny(crowd[Crowd..].Select(s => s.ReceiveAsync(new byte[1], Token).AsTask()));
            Assert.Equal(0, await closed);
        }
        finally
        {
            crowd.ForEach(s => s.Dispose());
        }

        await UntilAsync(() => process.OpenSockets, open => open < Crowd / 10);
        await AnsweredAsync(process.Address);
    }

    private static async Task JoinAsync(List<Socket> crowd, Uri gateway, int more)
    {
        for (var left = more; left > 0; left -= 200)
        {
            var some = Enumerable.Range(crowd.Count, Math.Min(200, left)).Select(async i =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.0.0.{2 + i / FromEachAddress}")), 0));
                await socket.ConnectAsync(IPAddress.Loopback, gateway.Port, Token);
                return socket;
            });
            crowd.AddRange(await Task.WhenAll(some));
        }
    }

    private static async Task AnsweredAsync(Uri gateway)
    {
        await using var load = await InferenceLoad.StartAsync(gateway, workers: 4, Token);
        await load.UntilMoreAsync(() => load.Given.Count, 20);
        await load.StopAsync();
        Assert.Empty(load.Refused);
    }

    private static async Task UntilAsync(Func<int> count, Func<int, bool> enough)
    {
        var since = Stopwatch.GetTimestamp();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!enough(count()))
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(1), $"{count()} open sockets after a minute");
            await poll.WaitForNextTickAsync(Token);
        }
    }
}

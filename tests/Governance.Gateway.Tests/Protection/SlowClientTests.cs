using System.Net.Sockets;
using System.Text;
using Governance.Gateway.Tests.Api;
using Governance.Testing;

namespace Governance.Gateway.Tests.Protection;

/// <summary>Clients that hold connections and send next to nothing, on real sockets.</summary>
public sealed class SlowClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Headers_that_never_end_lose_their_connection_and_others_are_answered()
    {
        using var folder = new TempFolder();
        await using var gateway = await TestGateway.StartAsync(folder.Path, "Protection:HeadersTimeout=00:00:01");
        var slow = Enumerable.Range(0, 20).Select(_ => SendAsync(gateway.Address, "POST /v2/models/x/infer HTTP/1.1\r\nHost: localhost\r\nX-A: ", "b")).ToList();
        Assert.True((await gateway.ReadAsync("/v2/health/live"))["live"]!.GetValue<bool>());
        Assert.All(await Task.WhenAll(slow), said => Assert.True(said.Length == 0 || said.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), said));
    }

    [Fact]
    public async Task A_body_that_drips_is_given_up()
    {
        using var folder = new TempFolder();
        await using var gateway = await TestGateway.StartAsync(folder.Path, "Protection:SlowGrace=00:00:02", "Protection:SlowestBytesPerSecond=1000000");
        var token = await gateway.TokenAsync("dana");
        var said = await SendAsync(
            gateway.Address,
            $"POST /api/v1/models HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{{",
            " ");
        Assert.True(said.Length == 0 || said.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), said);
    }

    [Fact]
    public async Task Too_many_headers_and_a_request_that_is_none_are_refused_at_once()
    {
        using var folder = new TempFolder();
        await using var gateway = await TestGateway.StartAsync(folder.Path);
        var headers = string.Concat(Enumerable.Range(0, 100).Select(i => $"X-{i}: a\r\n"));
        Assert.StartsWith("HTTP/1.1 431", await SendAsync(gateway.Address, $"GET /v2 HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n", ""), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await SendAsync(gateway.Address, "GET /v2 HTTP/1.1\r\nHost: localhost\r\nbroken header\r\n\r\n", ""), StringComparison.Ordinal);
    }

    /// <summary>Sends the beginning, then a drop now and then, until the server closes; returns what it said.</summary>
    private static async Task<string> SendAsync(Uri address, string beginning, string drop)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(beginning), Token);
        using var closed = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var dripping = DripAsync(stream, drop, closed.Token);
        using var said = new MemoryStream();
        try
        {
            await stream.CopyToAsync(said, Token);
        }
        catch (IOException)
        {
            // Reset: it does not want more.
        }

        await closed.CancelAsync();
        await dripping;
        return Encoding.ASCII.GetString(said.ToArray());
    }

    private static async Task DripAsync(NetworkStream stream, string drop, CancellationToken cancellationToken)
    {
        try
        {
            while (drop.Length > 0)
            {
                await Task.Delay(100, cancellationToken);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(drop), cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Closed.
        }
    }
}

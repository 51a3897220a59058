using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Governance.Gateway.Tests.Api;

/// <summary>
/// What the gateway owes under load and misuse: nothing acknowledged is lost, it stays up, and it answers again. <c>GOVERNANCE_SOAK=minutes</c> goes on with
/// kills and restarts for so long; without it one is made.
/// </summary>
[Collection(nameof(LenderFixture))]
public sealed class ReliabilityTests(LenderFixture lender)
{
    private const int Answers = 150;
    private const int Workers = 6;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_under_load_every_answer_given_is_in_the_log_and_a_repeated_request_gets_it()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        var until = DateTimeOffset.UtcNow.AddMinutes(double.Parse(Environment.GetEnvironmentVariable("GOVERNANCE_SOAK") ?? "0", CultureInfo.InvariantCulture));
        do
        {
            await using var process = await RunningGateway.StartAsync(copy.Path, Token);
            await using var load = await InferenceLoad.StartAsync(process.Address, Workers, Token);
            await load.UntilMoreAsync(() => load.Given.Count, Answers);
            await process.KillAsync();
            await load.StopAsync();
            await using var again = await TestGateway.StartAsync(copy.Path);
            await load.CheckAsync(again.Address);
            foreach (var (request, answer) in load.Given)
            {
                Assert.True(JsonNode.DeepEquals(answer, (await again.PostAsync(Lender.Route, request, "loans-app")).MustBe(HttpStatusCode.OK).Json));
            }
        }
        while (DateTimeOffset.UtcNow < until);
    }

    [Theory]
    [InlineData("GET\r\n\r\n", "400")]
    [InlineData("POST /v2/models/synthetic-credit/infer HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "400")]
    [InlineData("POST /v2/models/synthetic-credit/infer HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", "40")]
    [InlineData("GET / HTTP/9.9\r\nHost: a\r\n\r\n", "505")]
    [InlineData("\0\u0001\u0002\u0003\r\n\r\n", "400")]
    [InlineData("header", "431")]
    [InlineData("line", "414")]
    public async Task What_is_not_http_is_refused_and_the_next_is_answered(string request, string status)
    {
        var gateway = await lender.GatewayAsync();
        var sent = request switch
        {
            "header" => $"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('x', 100_000)}\r\n\r\n",
            "line" => $"GET /{new string('x', 100_000)} HTTP/1.1\r\nHost: a\r\n\r\n",
            _ => request,
        };
        using (var connection = new TcpClient())
        {
            await connection.ConnectAsync(IPAddress.Loopback, gateway.Address.Port, Token);
            var stream = connection.GetStream();
            try
            {
                await stream.WriteAsync(Encoding.Latin1.GetBytes(sent), Token);
            }
            catch (IOException)
            {
                // Refused before all of it was sent.
            }

            using var reader = new StreamReader(stream, Encoding.Latin1);
            Assert.StartsWith("HTTP/1.1 " + status, await reader.ReadLineAsync(Token), StringComparison.Ordinal);
        }

        (await Lender.InferAsync(gateway, "APP-AFTER")).MustBe(HttpStatusCode.OK);
    }

    /// <summary>What is wrong with a request that was begun is said like everything else; before there is one, the server has a status and no body.</summary>
    [Theory]
    [InlineData("Content-Length: 4194305", "413", "too-large")]
    [InlineData("Transfer-Encoding: chunked", "400", "malformed-request")]
    public async Task A_body_that_is_too_large_or_broken_is_refused_with_a_problem(string header, string status, string code)
    {
        var gateway = await lender.GatewayAsync();
        var head = $"POST {Lender.Route} HTTP/1.1\nHost: {gateway.Address.Authority}\nAuthorization: Bearer {await gateway.TokenAsync("loans-app")}\nContent-Type: application/json\n{header}";
        var said = await RawHttp.SendAsync(gateway.Address, head, Enumerable.Repeat(Enumerable.Repeat((byte)'Z', 1 << 16).ToArray(), 64), Token);
        Assert.StartsWith("HTTP/1.1 " + status, said, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", said, StringComparison.Ordinal);
        Assert.Contains($"\"code\":\"{code}\"", said, StringComparison.Ordinal);
        (await Lender.InferAsync(gateway, "APP-AFTER")).MustBe(HttpStatusCode.OK);
    }
}

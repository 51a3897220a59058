using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Testing;

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
            ConcurrentBag<(string Request, JsonNode Answer)> given;
            await using (var process = await RunningGateway.StartAsync(copy.Path, Token))
            {
                given = await LoadUntilKilledAsync(process);
            }

            Assert.InRange(given.Count, Answers, int.MaxValue);
            await using var again = await TestGateway.StartAsync(copy.Path);
            foreach (var (request, answer) in given)
            {
                var entry = await again.ReadAsync("/api/v1/ledger/logs/inference/entries/" + answer["parameters"]!["audit_index"]);
                Assert.Equal(answer["parameters"]!["receipt"]![0]!.GetValue<string>(), entry["leafHash"]!.GetValue<string>());
                Assert.True(JsonNode.DeepEquals(answer, (await again.PostAsync(Lender.Route, request, "loans-app")).MustBe(HttpStatusCode.OK).Json));
            }

            Assert.True((await again.PostAsync("/api/v1/ledger/logs/inference/verification", "", "audrey")).Json["verified"]!.GetValue<bool>());
        }
        while (DateTimeOffset.UtcNow < until);
    }

    [Fact]
    public async Task Two_thousand_idle_connections_keep_nobody_from_an_answer()
    {
        var gateway = await lender.GatewayAsync();
        var idle = new List<Socket>();
        try
        {
            for (var i = 0; i < 2_000; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                idle.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, gateway.Address.Port, Token);
            }

            (await Lender.InferAsync(gateway, "APP-CROWD")).MustBe(HttpStatusCode.OK);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.TooManyOpenSockets)
        {
            Assert.Skip("This machine allows too few open files");
        }
        finally
        {
            idle.ForEach(s => s.Dispose());
        }
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

    [Fact]
    public async Task An_oversized_body_is_refused()
    {
        var gateway = await lender.GatewayAsync();
        var head = $"POST {Lender.Route} HTTP/1.1\nHost: {gateway.Address.Authority}\nAuthorization: Bearer {await gateway.TokenAsync("loans-app")}\nContent-Type: application/json\nContent-Length: {(4 << 20) + 1}";
        var said = await RawHttp.SendAsync(gateway.Address, head, Enumerable.Repeat(new byte[1 << 16], 64), Token);
        Assert.StartsWith("HTTP/1.1 413", said, StringComparison.Ordinal);
        (await Lender.InferAsync(gateway, "APP-AFTER")).MustBe(HttpStatusCode.OK);
    }

    /// <summary>Asks from several places at once; kills the process among them, once enough was answered.</summary>
    private static async Task<ConcurrentBag<(string Request, JsonNode Answer)>> LoadUntilKilledAsync(RunningGateway gateway)
    {
        var given = new ConcurrentBag<(string, JsonNode)>();
        using var http = new HttpClient { BaseAddress = gateway.Address };
        var token = JsonNode.Parse(await (await http.PostAsync(new Uri("/dev/token", UriKind.Relative), Json("""{"persona":"loans-app"}"""), Token)).Content.ReadAsStringAsync(Token))!;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token["accessToken"]!.GetValue<string>());
        var workers = Enumerable.Range(0, Workers).Select(w => Task.Run(async () =>
        {
            for (var i = 0; ; i++)
            {
                var request = Lender.Call($"LOAD-{w}", i % 50).ToJsonString();
                try
                {
                    using var answer = await http.PostAsync(new Uri(Lender.Route, UriKind.Relative), Json(request), Token);
                    var body = await answer.Content.ReadAsStringAsync(Token);
                    if (answer.StatusCode == HttpStatusCode.OK)
                    {
                        given.Add((request, JsonNode.Parse(body)!));
                    }
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    return;
                }
            }
        })).ToList();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (given.Count < Answers)
        {
            await poll.WaitForNextTickAsync(Token);
        }

        await gateway.KillAsync();
        await Task.WhenAll(workers);
        return given;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}

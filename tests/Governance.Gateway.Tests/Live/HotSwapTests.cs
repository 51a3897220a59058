using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Gateway.Tests.Api;

namespace Governance.Gateway.Tests.Live;

/// <summary>Promotions and canaries while a gateway in a process of its own answers: no request fails, and who answered was allowed to at that time.</summary>
[Collection(nameof(LenderFixture))]
public sealed class HotSwapTests(LenderFixture lender)
{
    private const int Workers = 4;
    private const int AnswersBetween = 10;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Versions_follow_each_other_under_load_and_no_request_fails()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using (var prepared = await TestGateway.StartAsync(copy.Path))
        {
            await LiveRoute.WithThirdAsync(prepared, LiveRoute.Other);
        }

        await using var process = await RunningGateway.StartAsync(copy.Path, Token);
        using var http = new HttpClient { BaseAddress = process.Address };
        var (owner, application) = (await TokenAsync(http, "olivia"), await TokenAsync(http, "loans-app"));
        var epochs = new List<HashSet<(int Version, long Entry)>> { await AllowedAsync(http, owner) };
        var given = new ConcurrentBag<(int From, int To, int Version, long Entry)>();
        var (begun, done) = (0, 0);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var workers = Enumerable.Range(0, Workers).Select(w => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var from = Volatile.Read(ref done);
                var answer = await SendAsync(http, application, HttpMethod.Post, Lender.Route, LiveRoute.Call($"SWAP-{w}-{i % 20}", i % 20));
                var said = answer["parameters"]!["promotion_index"]!.GetValue<long>();
                given.Add((from, Volatile.Read(ref begun), int.Parse(answer["model_version"]!.GetValue<string>(), CultureInfo.InvariantCulture), said));
            }
        })).ToList();

        foreach (var (path, body) in Changes())
        {
            await EnoughAsync(given.Count + AnswersBetween);
            Interlocked.Increment(ref begun);
            await SendAsync(http, owner, HttpMethod.Post, path, body);
            epochs.Add(await AllowedAsync(http, owner));
            Interlocked.Increment(ref done);
        }

        await EnoughAsync(given.Count + AnswersBetween);
        await stop.CancelAsync();
        await Task.WhenAll(workers);
        Assert.Equal([2, 3], given.Select(g => g.Version).Distinct().Order());
        Assert.All(given, g => Assert.Contains(epochs[g.From..(g.To + 1)], e => e.Contains((g.Version, g.Entry))));

        async Task EnoughAsync(int count)
        {
            using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            while (given.Count < count)
            {
                if (workers.Find(w => w.IsFaulted) is { } failed)
                {
                    await failed;
                }

                await poll.WaitForNextTickAsync(Token);
            }
        }
    }

    /// <summary>A canary, its end, and the promotion of the version that was the canary; then the same the other way round.</summary>
    private static IEnumerable<(string Path, string Body)> Changes() => new[] { 3, 2 }.SelectMany(next => new[]
    {
        (LiveRoute.Path + "/canary", $$"""{"version":{{next}},"percent":50}"""),
        (LiveRoute.Path + "/canary/end", """{"reason":"Seen enough."}"""),
        ($"/api/v1/models/{Lender.Model}/versions/{next}/promotions", "{}"),
    });

    /// <summary>Who may answer now, each with the entry of the governance log by which it may.</summary>
    private static async Task<HashSet<(int Version, long Entry)>> AllowedAsync(HttpClient http, string token)
    {
        var route = await SendAsync(http, token, HttpMethod.Get, LiveRoute.Path, body: null);
        var allowed = new HashSet<(int, long)> { (route["version"]!.GetValue<int>(), route["ledgerIndex"]!.GetValue<long>()) };
        if (route["settings"]!["canary"] is { } canary)
        {
            allowed.Add((canary["version"]!.GetValue<int>(), canary["decision"]!.GetValue<long>()));
        }

        return allowed;
    }

    private static async Task<string> TokenAsync(HttpClient http, string persona) =>
        (await SendAsync(http, token: null, HttpMethod.Post, "/dev/token", $$"""{"persona":"{{persona}}"}"""))["accessToken"]!.GetValue<string>();

    /// <summary>The JSON of an answer, which must be a success.</summary>
    private static async Task<JsonNode> SendAsync(HttpClient http, string? token, HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }
}

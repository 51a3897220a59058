using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Governance.Gateway.Tests.Api;

/// <summary>
/// An application that asks a gateway in a process of its own from several places at once, until it is stopped or the gateway is gone, and keeps what it
/// was told.
/// </summary>
internal sealed class InferenceLoad : IAsyncDisposable
{
    private readonly HttpClient http;
    private readonly CancellationTokenSource stop;
    private readonly Task workers;
    private readonly CancellationToken token;

    private InferenceLoad(HttpClient http, string bearer, int workers, Func<int, int, string> request, CancellationToken cancellationToken)
    {
        (this.http, token) = (http, cancellationToken);
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        this.workers = Task.WhenAll(Enumerable.Range(0, workers).Select(w => Task.Run(() => AskAsync(bearer, i => request(w, i)), CancellationToken.None)));
    }

    /// <summary>What was answered with 200, and to what.</summary>
    public ConcurrentQueue<(string Request, JsonNode Answer)> Given { get; } = [];

    /// <summary>What was answered otherwise.</summary>
    public ConcurrentQueue<(HttpStatusCode Status, string? Code, string Text)> Refused { get; } = [];

    public static Task<InferenceLoad> StartAsync(Uri gateway, int workers, CancellationToken cancellationToken) =>
        StartAsync(gateway, workers, (worker, i) => Lender.Call($"LOAD-{worker}", i % 50).ToJsonString(), cancellationToken);

    /// <param name="request">The body that a worker sends as its so-manieth.</param>
    public static async Task<InferenceLoad> StartAsync(Uri gateway, int workers, Func<int, int, string> request, CancellationToken cancellationToken)
    {
        var application = new HttpClient { BaseAddress = gateway };
        return new InferenceLoad(application, await TokenAsync(application, "loans-app", cancellationToken), workers, request, cancellationToken);
    }

    public static async Task<string> TokenAsync(HttpClient caller, string persona, CancellationToken cancellationToken)
    {
        using var content = Json($$"""{"persona":"{{persona}}"}""");
        using var answer = await caller.PostAsync(new Uri("/dev/token", UriKind.Relative), content, cancellationToken);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!["accessToken"]!.GetValue<string>();
    }

    /// <summary>Waits until a count has grown by so many.</summary>
    public async Task UntilMoreAsync(Func<int> count, int more)
    {
        var enough = count() + more;
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (count() < enough)
        {
            if (workers.IsCompleted)
            {
                await workers;
                Assert.Fail("The gateway is gone.");
            }

            await poll.WaitForNextTickAsync(token);
        }
    }

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await workers;
    }

    /// <summary>Looks every answer up in the log of a gateway, which may be another process on the same folder, and has the log verified.</summary>
    public async Task CheckAsync(Uri gateway)
    {
        using var auditor = new HttpClient { BaseAddress = gateway };
        auditor.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(auditor, "audrey", token));
        Assert.Equal(Given.Count, Given.Select(g => Index(g.Answer)).Distinct().Count());
        foreach (var (_, answer) in Given)
        {
            var entry = JsonNode.Parse(await auditor.GetStringAsync(new Uri("/api/v1/ledger/logs/inference/entries/" + Index(answer), UriKind.Relative), token))!;
            Assert.Equal(answer["parameters"]!["receipt"]![0]!.GetValue<string>(), entry["leafHash"]!.GetValue<string>());
        }

        using var nothing = Json("\"\"");
        using var verified = await auditor.PostAsync(new Uri("/api/v1/ledger/logs/inference/verification", UriKind.Relative), nothing, token);
        Assert.True(JsonNode.Parse(await verified.Content.ReadAsStringAsync(token))!["verified"]!.GetValue<bool>());
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
        http.Dispose();
    }

    private static long Index(JsonNode answer) => answer["parameters"]!["audit_index"]!.GetValue<long>();

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private async Task AskAsync(string bearer, Func<int, string> request)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var body = request(i);
            using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(Lender.Route, UriKind.Relative)) { Content = Json(body) };
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            try
            {
                using var answer = await http.SendAsync(message, token);
                var text = await answer.Content.ReadAsStringAsync(token);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    Given.Enqueue((body, JsonNode.Parse(text)!));
                }
                else
                {
                    Refused.Enqueue((answer.StatusCode, JsonNode.Parse(text)?["code"]?.GetValue<string>(), text));
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return;
            }
        }
    }
}

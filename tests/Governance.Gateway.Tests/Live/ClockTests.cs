using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Governance.Gateway.Tests.Api;
using Governance.Gateway.Watching;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Live;

/// <summary>
/// The clock of a gateway is set by years, both ways, while applications ask with and without request ids: no answer is lost or given twice, tokens of another time
/// are refused until their application signs in again, live figures are of the window they name, and no monitor takes the jump for a change of traffic.
/// </summary>
[Collection(nameof(LenderFixture))]
public sealed class ClockTests(LenderFixture lender)
{
    private const int Workers = 4;
    private const int AnswersBetween = 40;
    private static readonly int[] Years = [5, -5, -5, 5];

    private readonly SettableTime time = new();
    private readonly ConcurrentQueue<(string Request, JsonNode Answer)> given = [];
    private int signIns;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_clock_set_by_years_under_load_loses_and_doubles_nothing()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        foreach (var counted in Directory.CreateDirectory(copy.File("watching")).EnumerateFiles("arm-*.json"))
        {
            counted.Delete();
        }

        await using (var gateway = await TestGateway.StartAsync(copy.Path, time))
        {
            await AskAsync(gateway);
            await CheckAsync(gateway);
        }

        // What was answered under the clock as it is now is remembered after a restart too.
        await using var again = await TestGateway.StartAsync(copy.Path, time);
        await CheckAsync(again);
    }

    private async Task AskAsync(TestGateway gateway)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var workers = Enumerable.Range(0, Workers).Select(w => Task.Run(() => WorkAsync(gateway, w, stop.Token))).ToList();
        await MoreAsync(workers);
        foreach (var years in Years)
        {
            var watching = gateway.Services.GetRequiredService<RouteWatching>();
            var before = given.Count;
            await watching.RunAsync(Token);
            var (signedIn, earlier) = (Volatile.Read(ref signIns), given.ToArray());
            time.Set(TimeSpan.FromDays(365 * years));
            await MoreAsync(workers);
            Assert.True(Volatile.Read(ref signIns) >= signedIn + Workers, "Tokens of another time were accepted.");

            // Asked again, an application is told what it was told.
            gateway.ForgetTokens();
            foreach (var (request, answer) in earlier.Where(g => JsonNode.Parse(g.Request)!["id"] is not null))
            {
                Assert.True(JsonNode.DeepEquals(answer, (await gateway.PostAsync(Lender.Route, request, "loans-app")).MustBe(HttpStatusCode.OK).Json));
            }

            await watching.RunAsync(Token);
            var live = await gateway.ReadAsync($"{LiveRoute.Path}/live?minutes=60");
            Assert.InRange(live["arms"]![0]!["rows"]!.GetValue<long>(), AnswersBetween, given.Count - before + Workers);
            Assert.Empty(live["alerts"]!.AsArray());
        }

        await stop.CancelAsync();
        await Task.WhenAll(workers);
    }

    private async Task WorkAsync(TestGateway gateway, int worker, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = gateway.Address };
        var token = await InferenceLoad.TokenAsync(http, "loans-app", Token);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var call = Lender.Call($"CLOCK-{worker}-{i % 20}", (worker + (Workers * i)) % 1000);
            if (i % 2 == 0)
            {
                call.Remove("id");
            }

            var request = call.ToJsonString();
            HttpResponseMessage? answer = null;
            for (var tries = 0; answer is null; tries++)
            {
                using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(Lender.Route, UriKind.Relative)) { Content = new StringContent(request, System.Text.Encoding.UTF8, "application/json") };
                message.Headers.Authorization = new("Bearer", token);
                answer = await http.SendAsync(message, Token);
                if (answer.StatusCode == HttpStatusCode.Unauthorized && tries < 3)
                {
                    Interlocked.Increment(ref signIns);
                    token = await InferenceLoad.TokenAsync(http, "loans-app", Token);
                    answer.Dispose();
                    answer = null;
                }
            }

            using (answer)
            {
                var said = await answer.Content.ReadAsStringAsync(Token);
                Assert.True(answer.StatusCode == HttpStatusCode.OK, said);
                given.Enqueue((request, JsonNode.Parse(said)!));
            }
        }
    }

    private async Task MoreAsync(List<Task> workers)
    {
        var enough = given.Count + AnswersBetween + Workers;
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (given.Count < enough)
        {
            if (workers.Find(w => w.IsCompleted) is { } ended)
            {
                await ended;
            }

            await poll.WaitForNextTickAsync(Token);
        }
    }

    /// <summary>Every answer is in the log, each once, and both logs verify.</summary>
    private async Task CheckAsync(TestGateway gateway)
    {
        gateway.ForgetTokens();
        Assert.Equal(given.Count, given.Select(g => g.Answer["parameters"]!["audit_index"]!.GetValue<long>()).Distinct().Count());
        foreach (var (_, answer) in given)
        {
            var index = answer["parameters"]!["audit_index"]!.GetValue<long>().ToString(CultureInfo.InvariantCulture);
            var entry = await gateway.ReadAsync("/api/v1/ledger/logs/inference/entries/" + index);
            Assert.Equal(answer["parameters"]!["receipt"]![0]!.GetValue<string>(), entry["leafHash"]!.GetValue<string>());
        }

        foreach (var log in new[] { "inference", "governance" })
        {
            var verified = (await gateway.PostAsync($"/api/v1/ledger/logs/{log}/verification", "", "audrey")).MustBe(HttpStatusCode.OK);
            Assert.True(verified.Json["verified"]!.GetValue<bool>(), verified.ToString());
        }
    }
}

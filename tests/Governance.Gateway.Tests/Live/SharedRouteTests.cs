using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Gateway.Tests.Api;
using Governance.Testing;

namespace Governance.Gateway.Tests.Live;

/// <summary>
/// Two gateways on one PostgreSQL, the second a process of its own: what is decided on one is heeded by the other's inference endpoint, also when the
/// database tells nothing, and a node that cannot reach the database stops answering by itself. How long it took is printed, not judged.
/// </summary>
public sealed class SharedRouteTests : IAsyncDisposable
{
    private SharedLog? log;
    private SeverableProxy? proxy;
    private TestGateway? first;
    private RunningGateway? second;
    private HttpClient? http;
    private int asked;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        http?.Dispose();
        if (second is not null)
        {
            await second.DisposeAsync();
        }

        if (first is not null)
        {
            await first.DisposeAsync();
        }

        proxy?.Dispose();
        log?.Dispose();
    }

    [Fact]
    public async Task Stops_canaries_promotions_and_suspensions_reach_the_other_gateway_and_a_cut_off_one_answers_nobody()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        await StartAsync();
        var a = first!;
        await HeededAsync("the first promotion", s => s.Version == "1");

        foreach (var told in new[] { true, false })
        {
            if (!told)
            {
                // Nobody is notified any more: the second gateway has to ask.
                log!.Sql("alter table governance.events disable trigger tell_of_events");
            }

            var way = told ? "told" : "asked for";
            (await a.PostAsync(LiveRoute.Path + "/stop", new { reason = "Wrong letters." }, "carla")).MustBe(HttpStatusCode.OK);
            await HeededAsync($"kill switch, {way}", s => s.Code == "stopped");
            (await a.PostAsync(LiveRoute.Path + "/start", new { reason = "Mended." }, "olivia")).MustBe(HttpStatusCode.OK);
            await HeededAsync($"start, {way}", s => s.Version == "1");
            (await a.PostAsync(LiveRoute.Path + "/canary", new { version = 2, percent = 99 }, "olivia")).MustBe(HttpStatusCode.OK);
            await HeededAsync($"canary, {way}", s => s.Version == "2");
            (await a.PostAsync(LiveRoute.Path + "/canary/end", new { reason = "Seen enough." }, "olivia")).MustBe(HttpStatusCode.OK);
            await HeededAsync($"canary taken back, {way}", s => s.Version == "1");
        }

        (await Lender.PromoteAsync(a, 2)).MustBe(HttpStatusCode.Created);
        await HeededAsync("promotion, asked for", s => s.Version == "2");

        // Cut off, the second gateway answers for as long as it may, and then nobody; it is not ready, and heeds the suspension once it can see it.
        proxy!.Sever();
        (await a.PostAsync($"/api/v1/models/{Lender.Model}/versions/2/suspension", new { reason = "Unfair." }, "carla")).MustBe(HttpStatusCode.OK);
        await HeededAsync("being cut off", s => s.Code == "state-stale");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http!.GetAsync(new Uri("/health/ready", UriKind.Relative), Token)).StatusCode);
        proxy.Restore();
        await HeededAsync("suspension after the cut", s => s.Code == "suspended" && s.Version is null);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token)).StatusCode);
    }

    /// <summary>Asks the second gateway until it answers as expected; what it says before is only what it may.</summary>
    private async Task HeededAsync(string what, Func<(string? Version, string? Code), bool> expected)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            using var content = new StringContent(LiveRoute.Call($"SHARED-{asked++}"), Encoding.UTF8, "application/json");
            using var answer = await http!.PostAsync(new Uri(Lender.Route, UriKind.Relative), content, Token);
            var said = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!;
            var (version, code) = (said["model_version"]?.GetValue<string>(), said["code"]?.GetValue<string>());
            Assert.True(answer.IsSuccessStatusCode || code is "stopped" or "suspended" or "state-stale" or "not-promoted" or "model-unknown", said.ToJsonString());
            if (expected((version, code)))
            {
                break;
            }

            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(1), $"{what} is not heeded: {said.ToJsonString()}");
            await Task.Delay(5, Token);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {Stopwatch.GetElapsedTime(since).TotalMilliseconds:0} ms"));
    }

    private async Task StartAsync()
    {
        log = new SharedLog();
        proxy = new SeverableProxy(log.Port);
        first = await TestGateway.StartAsync(log.Folder("a"), log.Settings("a"));
        await Lender.PublishAsync(first, LiveRoute.Lenient());
        await Lender.RegisterAsync(first);
        await Lender.SubmitAsync(first, Lender.Corrected, Lender.Reviewed);
        await Lender.SubmitAsync(first, Lender.Corrected with { Onnx = LiveRoute.Other }, Lender.Reviewed);
        (await Lender.PromoteAsync(first, 1)).MustBe(HttpStatusCode.Created);

        log.CopyKeys("a", "b");
        second = await RunningGateway.StartAsync(log.Folder("b"), Token, [.. log.Settings("b", proxy.Port), "MaxStaleness=00:00:05"]);
        http = new HttpClient { BaseAddress = second.Address };
        http.DefaultRequestHeaders.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", await InferenceLoad.TokenAsync(http, "loans-app", Token));
    }
}

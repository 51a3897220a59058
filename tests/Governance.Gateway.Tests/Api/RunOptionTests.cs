using System.Net;
using System.Text.Json.Nodes;
using Governance.Core.Decisions;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Api;

/// <summary>Runs as people ask for them: options, quotas, deadlines, and evidence computed again.</summary>
public sealed class RunOptionTests(LenderFixture lender)
{
    private const string Runs = $"/api/v1/models/{Lender.Model}/versions/2/runs";
    private const string Check = "validation.discrimination";

    /// <summary>An engine where nobody answers: its runs stay open until they are stopped.</summary>
    /// <summary>An engine at the port that discards (RFC 863): nobody listens there, and nobody is given it, as a free one may be.</summary>
    private static readonly string[] Unreachable = ["Jobs:Engines:0=ray", "Jobs:Ray:Url=http://127.0.0.1:9"];

    [Fact]
    public async Task Options_are_checked_recorded_and_shown()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path, "Jobs:Engines:0=processes");
        (await gateway.PostAsync(Runs, new { checks = new[] { Check }, engine = "slurm" }, "victor")).MustBe(HttpStatusCode.UnprocessableEntity, "engine-unknown");
        (await gateway.PostAsync(Runs, new { checks = new[] { Check }, deadline = DateTimeOffset.UtcNow.AddDays(-1) }, "victor")).MustBe(HttpStatusCode.UnprocessableEntity, "invalid-deadline");
        (await gateway.PostAsync(Runs, new { checks = new[] { Check }, parameters = new Dictionary<string, object> { [Check] = new { nothing = 1.0 } } }, "victor"))
            .MustBe(HttpStatusCode.UnprocessableEntity, "run-parameter");

        var run = await EndedAsync(gateway, (await gateway.PostAsync(Runs, new { checks = new[] { Check }, priority = "high", noCache = true }, "victor")).MustBe(HttpStatusCode.Accepted));
        Assert.Equal("succeeded", run["status"]!.GetValue<string>());
        Assert.Equal("high", run["options"]!["priority"]!.GetValue<string>());
        Assert.True(run["shardSeconds"]!.GetValue<double>() > 0);
    }

    [Fact]
    public async Task A_team_that_has_had_its_share_is_told_so_and_a_repeated_request_is_not_refused()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path, "Jobs:Quotas:ShardSecondsPerDay=0.000001");
        var request = new { checks = new[] { Check }, noCache = true };
        var first = (await gateway.PostAsync(Runs, request, "victor", "once")).Status;
        if (first == HttpStatusCode.Accepted)
        {
            // Midnight passed since the walk: this run uses the day's share.
            await EndedAsync(gateway, await gateway.PostAsync(Runs, request, "victor", "once"));
            (await gateway.PostAsync(Runs, request, "victor", "once")).MustBe(HttpStatusCode.Accepted);
        }

        var refused = (await gateway.PostAsync(Runs, request, "victor")).MustBe(HttpStatusCode.TooManyRequests, "quota-shard-seconds");
        Assert.Contains("olivia", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_team_has_no_more_open_runs_than_its_quota_and_one_that_ends_makes_room()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path, ["Jobs:Quotas:Open=1", .. Unreachable]);
        var request = new { checks = new[] { Check }, noCache = true, engine = "ray" };
        var first = (await gateway.PostAsync(Runs, request, "victor")).MustBe(HttpStatusCode.Accepted);
        var refused = (await gateway.PostAsync(Runs, request, "victor")).MustBe(HttpStatusCode.TooManyRequests, "quota-open-runs");
        Assert.Contains("olivia", refused.Text, StringComparison.Ordinal);

        (await gateway.PostAsync($"{first.Headers["Location"]}/cancel", new { }, "victor")).MustBe(HttpStatusCode.OK);
        await EndedAsync(gateway, first);
        (await gateway.PostAsync(Runs, request, "victor")).MustBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_run_that_cannot_meet_its_deadline_says_so_while_it_runs()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var gateway = await TestGateway.StartAsync(copy.Path, time, Unreachable);

        // Nobody has measured all of the checks here, so that they are taken to need seconds. The timer of the deadline is a real one: the run begins well before it.
        var started = (await gateway.PostAsync(Runs, new { noCache = true, engine = "ray", deadline = time.GetUtcNow().AddSeconds(1) }, "victor")).MustBe(HttpStatusCode.Accepted);
        var run = await UntilAsync(gateway, started, r => r["warning"] is not null);
        Assert.Contains("after its deadline", run["warning"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("running", run["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_run_ends_as_expired_at_its_deadline()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var gateway = await TestGateway.StartAsync(copy.Path, time);
        var started = (await gateway.PostAsync(Runs, new { noCache = true, deadline = time.GetUtcNow().AddSeconds(1) }, "victor")).MustBe(HttpStatusCode.Accepted);
        time.Advance(TimeSpan.FromSeconds(2));
        var run = await EndedAsync(gateway, started);
        Assert.Equal("expired", run["status"]!.GetValue<string>());
        Assert.Contains(run["checks"]!.AsArray(), c => c!["note"]?.GetValue<string>().Contains("by its deadline", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Evidence_is_computed_again_compared_signed_and_shown()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var evidence = (await VersionAsync(gateway))["evidence"]!.AsArray().Single(e => e!["check"]!.GetValue<string>() == Check)!["envelope"]!.GetValue<string>();
        var path = $"/api/v1/evidence/{evidence}/reproduction";
        (await gateway.GetAsync(path)).MustBe(HttpStatusCode.NotFound, "reproduction-unknown");
        (await gateway.PostAsync(path, new { }, "olivia")).MustBe(HttpStatusCode.Forbidden, "role-required");
        var run = await EndedAsync(gateway, (await gateway.PostAsync(path, new { engine = "local" }, "victor")).MustBe(HttpStatusCode.Accepted));
        Assert.Equal("succeeded", run["status"]!.GetValue<string>());

        var compared = await gateway.ReadAsync(path);
        Assert.True(compared["same"]!.GetValue<bool>());
        Assert.Empty(compared["differences"]!.AsArray());
        var shown = (await VersionAsync(gateway))["evidence"]!.AsArray().Single(e => e!["check"]!.GetValue<string>() == Check)!;
        Assert.Equal(evidence, shown["envelope"]!.GetValue<string>());
        Assert.True(shown["reproduced"]!["same"]!.GetValue<bool>());

        // It was computed, not found: the second computation has a folder of its own, and its comparison is no evidence.
        var explained = await gateway.ReadAsync($"/api/v1/runs/{run["id"]!.GetValue<string>()}/explanation");
        Assert.Contains(explained["shards"]!.AsArray().SelectMany(s => s!["work"]!.AsArray()), w => !w!["cached"]!.GetValue<bool>());
        var state = gateway.Services.GetRequiredService<Governor>().State.Version(Lender.Model, 2)!;
        var comparison = state.Reproductions.Values.Single().Comparison;
        Assert.Null(gateway.Services.GetRequiredService<Governance.Gateway.Policy.EvidenceSource>().Get(comparison));
    }

    private static Task<JsonNode> VersionAsync(TestGateway gateway) => gateway.ReadAsync($"/api/v1/models/{Lender.Model}/versions/2");

    private static Task<JsonNode> EndedAsync(TestGateway gateway, Answer started) => UntilAsync(gateway, started, r => r["status"]!.GetValue<string>() is not ("queued" or "running"));

    private static async Task<JsonNode> UntilAsync(TestGateway gateway, Answer started, Func<JsonNode, bool> condition)
    {
        var path = started.Headers["Location"];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var run = await gateway.ReadAsync(path);
            if (condition(run))
            {
                return run;
            }

            Assert.False(patience.IsCancellationRequested, run.ToJsonString());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Serving.Shadows;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Api;

/// <summary>Routes over HTTP: what is set is what is answered, from the next request on.</summary>
[Collection(nameof(LenderFixture))]
public sealed class RouteApiTests(LenderFixture lender)
{
    private const string Route = "/api/v1/routes/" + Lender.Model;

    [Fact]
    public async Task A_route_says_who_answers_it()
    {
        var gateway = await lender.GatewayAsync();
        var route = await gateway.ReadAsync(Route);
        Assert.Equal((2, true), (route["version"]!.GetValue<int>(), route["answers"]!.GetValue<bool>()));
        Assert.Equal("syncDurable", route["settings"]!["audit"]!.GetValue<string>());
        Assert.Contains(Lender.Model, (await gateway.ReadAsync("/api/v1/routes"))["items"]!.AsArray().Select(r => r!["name"]!.GetValue<string>()));
        (await gateway.GetAsync("/api/v1/routes/nothing")).MustBe(HttpStatusCode.NotFound, "model-unknown");
    }

    [Fact]
    public async Task The_kill_switch_answers_nobody_until_the_owner_starts_again_also_after_a_restart()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using (var gateway = await TestGateway.StartAsync(copy.Path))
        {
            (await gateway.PostAsync(Route + "/stop", new { reason = "Wrong letters." }, "dana")).MustBe(HttpStatusCode.Forbidden, "role-required");
            (await gateway.PostAsync(Route + "/stop", new { reason = "Wrong letters." }, "carla")).MustBe(HttpStatusCode.OK);
            Assert.Contains("Wrong letters.", (await Lender.InferAsync(gateway, "APP-1")).MustBe(HttpStatusCode.Conflict, "stopped").Text, StringComparison.Ordinal);
        }

        await using var again = await TestGateway.StartAsync(copy.Path);
        (await Lender.InferAsync(again, "APP-1")).MustBe(HttpStatusCode.Conflict, "stopped");
        (await again.PostAsync(Route + "/start", new { reason = "Mended." }, "carla")).MustBe(HttpStatusCode.Forbidden, "role-required");
        (await again.PostAsync(Route + "/start", new { reason = "Mended." }, "olivia")).MustBe(HttpStatusCode.OK);
        (await Lender.InferAsync(again, "APP-1")).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_the_gate_denies_is_no_canary()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        await SubmitThirdAsync(gateway);
        (await gateway.PostAsync(Route + "/canary", new { version = 1, percent = 1 }, "olivia")).MustBe(HttpStatusCode.Conflict, "other-inputs");
        var denied = (await gateway.PostAsync(Route + "/canary", new { version = 3, percent = 1 }, "olivia")).MustBe(HttpStatusCode.Conflict, "gate-denied");
        Assert.Equal("denied", denied.Json["gate"]!["status"]!.GetValue<string>());
        Assert.Null((await gateway.ReadAsync(Route))["settings"]!["canary"]);
        (await gateway.PostAsync(Route + "/settings", new { pinnedVersion = 2 }, "olivia")).MustBe(HttpStatusCode.OK);
        (await gateway.PostAsync(Route + "/canary", new { version = 3, percent = 1 }, "olivia")).MustBe(HttpStatusCode.Conflict, "route-pinned");
    }

    [Fact]
    public async Task An_allowed_canary_answers_its_subjects_and_leaves_them_when_it_is_taken_back()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        await SubmitThirdAsync(gateway);
        await Lender.RunAsync(gateway, 3, Lender.Checks);
        foreach (var (persona, role, meaning) in new[] { ("victor", "validator", "approved"), ("carla", "compliance", "approved"), ("chris", "committee", "approved"), ("olivia", "owner", "attested") })
        {
            (await Lender.SignOffAsync(gateway, 3, persona, role, meaning)).MustBe(HttpStatusCode.Created);
        }

        (await gateway.PostAsync(Route + "/canary", new { version = 3, percent = 50 }, "olivia")).MustBe(HttpStatusCode.OK);
        var subjects = Enumerable.Range(0, 12).Select(i => "C-" + i).ToList();
        var first = await VersionsAsync(gateway, subjects);
        Assert.Equal(["2", "3"], first.Distinct().Order());
        Assert.Equal(first, await VersionsAsync(gateway, subjects));

        (await gateway.PostAsync(Route + "/canary/end", new { reason = "Slower." }, "victor")).MustBe(HttpStatusCode.OK);
        Assert.All(await VersionsAsync(gateway, subjects), v => Assert.Equal("2", v));
        Assert.Equal("superseded", (await gateway.ReadAsync($"/api/v1/models/{Lender.Model}/versions/3"))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_shadow_is_recorded_and_never_answers()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        await SubmitThirdAsync(gateway);
        (await gateway.PostAsync(Route + "/settings", new { shadows = new[] { 3 } }, "olivia")).MustBe(HttpStatusCode.OK);
        Assert.Equal(["2"], await VersionsAsync(gateway, ["SH-1"]));

        var mirror = gateway.Services.GetRequiredService<ShadowMirror>();
        for (var waited = 0; mirror.Mirrored == 0 && waited < 3_000; waited++)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        var newest = (await gateway.ReadAsync("/api/v1/ledger/logs/inference/entries?order=desc&pageSize=1"))["items"]![0]!;
        Assert.Equal("inference-shadow.v1", newest["type"]!.GetValue<string>());
        Assert.DoesNotContain("SH-1", newest.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_on_an_upstream_is_governed_and_recorded_alike_and_names_it()
    {
        await using var server = await StubGateway.StartAsync();
        server.On("POST", $"/v2/models/{Lender.Model}/versions/2/infer", StubAnswer.Json(
            """{"model_name":"m","model_version":"2","outputs":[{"name":"score","datatype":"FP32","shape":[1,1],"data":[[0.75]]}]}"""));
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path, $"Upstreams:triton:Url={server.Address}", "Upstreams:triton:AllowedNetworks:0=127.0.0.0/8");
        (await gateway.PostAsync(Route + "/settings", new { upstream = "elsewhere" }, "olivia")).MustBe(HttpStatusCode.UnprocessableEntity, "upstream-unknown");
        (await gateway.PostAsync(Route + "/settings", new { upstream = "triton" }, "olivia")).MustBe(HttpStatusCode.OK);

        var answer = (await Lender.InferAsync(gateway, "UP-SECRET")).MustBe(HttpStatusCode.OK).Json;
        Assert.Equal(0.75, answer["outputs"]![0]!["data"]![0]!.GetValue<double>());
        var asked = server.Requests.Single().Text;
        Assert.DoesNotContain("UP-SECRET", asked, StringComparison.Ordinal);
        var entry = (await gateway.ReadAsync($"/api/v1/ledger/logs/inference/entries/{answer["parameters"]!["audit_index"]}")).ToJsonString();
        Assert.Contains("triton", entry, StringComparison.Ordinal);

        server.On("POST", $"/v2/models/{Lender.Model}/versions/2/infer", StubAnswer.Json("""{"error":"UP-ERROR"}""", 500));
        var failed = (await Lender.InferAsync(gateway, "UP-2")).MustBe(HttpStatusCode.ServiceUnavailable, "upstream-unavailable");
        Assert.DoesNotContain("UP-ERROR", failed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipeline_makes_one_calibrated_score_of_its_members_and_the_entry_names_it()
    {
        const string Pipeline = """{"pre":[],"members":[{"upstream":"triton"}],"ensemble":{"kind":"weighted","weights":[3,1]},"post":[{"platt":{"a":-4.5,"b":2.25}}]}""";
        await using var server = await StubGateway.StartAsync();
        server.On("POST", $"/v2/models/{Lender.Model}/versions/2/infer", StubAnswer.Json(
            """{"model_name":"m","model_version":"2","outputs":[{"name":"score","datatype":"FP32","shape":[1,1],"data":[[0.75]]}]}"""));
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path, $"Upstreams:triton:Url={server.Address}", "Upstreams:triton:AllowedNetworks:0=127.0.0.0/8");
        var alone = Score(await Lender.InferAsync(gateway, "PL-1"));

        (await gateway.PostAsync(Route + "/settings", """{"pipeline":{"members":[{"upstream":"elsewhere"}]}}""", "olivia")).MustBe(HttpStatusCode.UnprocessableEntity, "upstream-unknown");
        (await gateway.PostAsync(Route + "/settings", """{"pipeline":{"members":[{"model":"other","version":1}]}}""", "olivia")).MustBe(HttpStatusCode.Conflict, "member-not-promoted");
        (await gateway.PostAsync(Route + "/settings", $$"""{"pipeline":{{Pipeline}}}""", "olivia")).MustBe(HttpStatusCode.OK);
        Assert.Equal(Pipeline, (await gateway.ReadAsync(Route))["settings"]!["pipeline"]!.ToJsonString());

        var answer = await Lender.InferAsync(gateway, "PL-2");
        Assert.Equal(1 / (1 + Math.Exp((-4.5 * ((3 * alone) + 0.75) / 4) + 2.25)), Score(answer), 1e-12);
        Assert.DoesNotContain("PL-2", server.Requests.Single().Text, StringComparison.Ordinal);
        var entry = (await gateway.ReadAsync($"/api/v1/ledger/logs/inference/entries/{answer.Json["parameters"]!["audit_index"]}")).ToJsonString();
        Assert.Contains("sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Pipeline))), entry, StringComparison.Ordinal);

        server.On("POST", $"/v2/models/{Lender.Model}/versions/2/infer", StubAnswer.Json("""{"error":"down"}""", 500));
        (await Lender.InferAsync(gateway, "PL-3")).MustBe(HttpStatusCode.ServiceUnavailable, "upstream-unavailable");

        static double Score(Answer answer) => answer.MustBe(HttpStatusCode.OK).Json["outputs"]![0]!["data"]![0]!.GetValue<double>();
    }

    [Fact]
    public async Task Beyond_its_rate_a_caller_is_told_to_come_again_and_others_are_answered()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        (await gateway.PostAsync(Route + "/settings", new { limits = new { rows = 1, requestsPerSecond = 1 } }, "olivia")).MustBe(HttpStatusCode.OK);
        var answers = new List<Answer>();
        for (var i = 0; i < 40 && answers.All(a => a.Status != HttpStatusCode.TooManyRequests); i++)
        {
            answers.Add(await Lender.InferAsync(gateway, "RL-" + i));
        }

        Assert.Equal(HttpStatusCode.OK, answers[0].Status);
        Assert.Equal("1", answers[^1].MustBe(HttpStatusCode.TooManyRequests, "rate-limited").Headers["Retry-After"]);
    }

    /// <summary>The corrected model again, deciding at a slightly other score.</summary>
    private static async Task SubmitThirdAsync(TestGateway gateway)
    {
        var version = Lender.Version(Lender.Corrected, Lender.Reviewed);
        version["threshold"] = Lender.Portfolio.Threshold + 0.001;
        var answer = await gateway.UploadAsync($"/api/v1/models/{Lender.Model}/versions", version, Lender.Corrected.Onnx.ToArray(), "dana");
        Assert.Equal(3, answer.MustBe(HttpStatusCode.Created).Json["submission"]!["number"]!.GetValue<int>());
    }

    private static async Task<List<string>> VersionsAsync(TestGateway gateway, IReadOnlyList<string> subjects)
    {
        var versions = new List<string>();
        foreach (var subject in subjects)
        {
            var call = Lender.Call(subject);
            call.Remove("id");
            var answer = (await gateway.PostAsync(Lender.Route, call.ToJsonString(), "loans-app")).MustBe(HttpStatusCode.OK);
            versions.Add(answer.Json["model_version"]!.GetValue<string>());
        }

        return versions;
    }
}

using System.Net;
using System.Text.Json.Nodes;
using Governance.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Api;

/// <summary>What may not be answered is not, and leaves no entry.</summary>
[Collection(nameof(LenderFixture))]
public sealed class InferenceTests(LenderFixture lender)
{
    public static TheoryData<string, string, int, string> BadCalls() => new()
    {
        { "no JSON", "{", 400, "malformed-json" },
        { "NaN", Good().Replace("\"data\":[", "\"data\":[NaN,", StringComparison.Ordinal), 400, "malformed-json" },
        { "infinity", Spoil(i => i["data"]![0] = JsonNode.Parse("1e39")), 422, "unfit-request" },
        { "a string for a number", Spoil(i => i["data"]![0] = "1"), 422, "unfit-request" },
        { "null for a number", Spoil(i => i["data"]![0] = null), 422, "unfit-request" },
        { "too few values", Spoil(i => i["data"]!.AsArray().RemoveAt(0)), 422, "unfit-request" },
        { "wrong width", Spoil(i => i["shape"] = new JsonArray(1, 3)), 422, "unfit-request" },
        { "three dimensions", Spoil(i => i["shape"] = new JsonArray(1, 1, Lender.Corrected.Features.Count)), 422, "unfit-request" },
        { "a huge shape", Spoil(i => i["shape"] = new JsonArray(long.MaxValue, Lender.Corrected.Features.Count)), 413, "too-many-rows" },
        { "wrong type", Spoil(i => i["datatype"] = "BYTES"), 422, "unfit-request" },
        { "wrong tensor", Spoil(i => i["name"] = "other"), 422, "unfit-request" },
        { "no subject", SpoilCall(c => c.Remove("parameters")), 422, "unfit-request" },
        { "unknown member", SpoilCall(c => c["extra"] = 1), 422, "unfit-request" },
        { "duplicate member", Good().Replace("{\"id\":", "{\"id\":\"a\",\"id\":", StringComparison.Ordinal), 422, "unfit-request" },
    };

    [Theory]
    [MemberData(nameof(BadCalls), DisableDiscoveryEnumeration = true)]
    public async Task A_bad_call_is_refused_and_leaves_no_entry(string what, string body, int status, string code)
    {
        var gateway = await lender.GatewayAsync();
        var before = await SizeAsync(gateway);
        var answer = (await gateway.PostAsync(Lender.Route, body, "loans-app")).MustBe((HttpStatusCode)status, code);

        Assert.DoesNotContain("SUBJECT-SECRET", answer.Text, StringComparison.Ordinal);
        Assert.True(before == await SizeAsync(gateway), what);
    }

    [Fact]
    public async Task Many_rows_are_answered_each_with_its_receipt_and_too_many_are_not()
    {
        var gateway = await lender.GatewayAsync();
        var before = await SizeAsync(gateway);
        var answer = (await gateway.PostAsync(Lender.Route, Rows(3), "loans-app")).MustBe(HttpStatusCode.OK).Json;
        Assert.Equal(before, answer["parameters"]!["audit_index"]!.GetValue<long>());
        Assert.Equal(3, answer["parameters"]!["receipt"]!.AsArray().Select(r => r!.GetValue<string>()).Distinct().Count());
        Assert.Equal(3, answer["outputs"]![0]!["data"]!.AsArray().Count);
        Assert.Equal(before + 3, await SizeAsync(gateway));

        (await gateway.PostAsync(Lender.Route, Rows(1001), "loans-app")).MustBe(HttpStatusCode.RequestEntityTooLarge, "too-many-rows");
    }

    [Fact]
    public async Task An_answer_about_two_people_outlives_the_erasure_of_one()
    {
        var gateway = await lender.GatewayAsync();
        var call = Lender.Call("x");
        call["parameters"] = new JsonObject { ["subject_ids"] = new JsonArray(new JsonArray("CO-1", "CO-2")) };
        var answer = (await gateway.PostAsync(Lender.Route, call.ToJsonString(), "loans-app")).MustBe(HttpStatusCode.OK).Json["parameters"]!;
        var decision = "/api/v1/decisions/" + answer["audit_index"];
        var entry = "/api/v1/ledger/logs/inference/entries/" + answer["audit_index"];
        var before = await gateway.ReadAsync(entry);
        Assert.Equal(("inference.v2", answer["receipt"]![0]!.GetValue<string>()), (before["type"]!.GetValue<string>(), before["leafHash"]!.GetValue<string>()));
        Assert.DoesNotContain("CO-", before.ToJsonString(), StringComparison.Ordinal);
        var payloads = gateway.Services.GetRequiredService<PayloadStore>();
        Assert.Equal("CO-1", (await gateway.ReadAsync(decision, "carla"))["payload"]!["subject"]!.GetValue<string>());
        Assert.Single(payloads.Find("CO-2"u8));

        Assert.Equal(1, payloads.Erase("CO-1"u8).Count);
        var left = await gateway.ReadAsync(decision, "carla");
        Assert.Equal(("partly-erased", "CO-2"), (left["payloadStatus"]!.GetValue<string>(), left["payload"]!["subject"]!.GetValue<string>()));
        Assert.Equal(before.ToJsonString(), (await gateway.ReadAsync(entry)).ToJsonString());
        Assert.Equal(1, payloads.Erase("CO-2"u8).Count);
        Assert.Equal("erased", (await gateway.ReadAsync(decision, "carla"))["payloadStatus"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("[[]]")]
    [InlineData("[[\"a\",\" a\"]]")]
    [InlineData("[[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]]")]
    [InlineData("[[[\"a\"]]]")]
    [InlineData("[[1]]")]
    [InlineData("[[\"a\"],\"b\"]")]
    public async Task Who_a_row_is_about_must_be_said_once_and_plainly(string subjects)
    {
        var gateway = await lender.GatewayAsync();
        var call = Lender.Call("x");
        call["parameters"] = new JsonObject { ["subject_ids"] = JsonNode.Parse(subjects) };
        (await gateway.PostAsync(Lender.Route, call.ToJsonString(), "loans-app")).MustBe(HttpStatusCode.UnprocessableEntity, "unfit-request");
    }

    [Fact]
    public async Task A_version_can_be_pinned_only_when_it_is_the_promoted_one()
    {
        var gateway = await lender.GatewayAsync();
        (await gateway.PostAsync($"/v2/models/{Lender.Model}/versions/2/infer", Good(), "loans-app")).MustBe(HttpStatusCode.OK);
        (await gateway.PostAsync($"/v2/models/{Lender.Model}/versions/1/infer", Good(), "loans-app")).MustBe(HttpStatusCode.Conflict, "not-promoted");
        (await gateway.PostAsync($"/v2/models/{Lender.Model}/versions/9/infer", Good(), "loans-app")).MustBe(HttpStatusCode.NotFound, "model-unknown");
        (await gateway.PostAsync("/v2/models/nothing/infer", Good(), "loans-app")).MustBe(HttpStatusCode.NotFound, "model-unknown");
    }

    [Theory]
    [InlineData("dana")]
    [InlineData("victor")]
    [InlineData("audrey")]
    [InlineData("adam")]
    public async Task Only_applications_ask_for_decisions(string persona)
    {
        var gateway = await lender.GatewayAsync();
        (await gateway.PostAsync(Lender.Route, Good(), persona)).MustBe(HttpStatusCode.Forbidden, "role-required");
        (await gateway.PostAsync("/v2/models/nothing/infer", Good(), persona)).MustBe(HttpStatusCode.Forbidden, "role-required");
    }

    [Fact]
    public async Task Without_a_token_nothing_is_answered()
    {
        var gateway = await lender.GatewayAsync();
        (await gateway.PostAsync(Lender.Route, Good(), persona: null)).MustBe(HttpStatusCode.Unauthorized, "unauthenticated");
        (await gateway.GetAsync("/v2/models/" + Lender.Model, persona: null)).MustBe(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task The_route_says_how_it_is_called()
    {
        var gateway = await lender.GatewayAsync();
        var metadata = await gateway.ReadAsync("/v2/models/" + Lender.Model, "loans-app");
        Assert.Equal("features", metadata["inputs"]![0]!["name"]!.GetValue<string>());
        Assert.Equal([-1L, Lender.Corrected.Features.Count], metadata["inputs"]![0]!["shape"]!.AsArray().Select(s => s!.GetValue<long>()));
        Assert.True((await gateway.ReadAsync($"/v2/models/{Lender.Model}/ready"))["ready"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_suspended_version_answers_nothing()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var suspension = $"/api/v1/models/{Lender.Model}/versions/2/suspension";
        (await gateway.PostAsync(suspension, new { reason = " " }, "victor")).MustBe(HttpStatusCode.UnprocessableEntity, "reason-required");
        (await gateway.PostAsync(suspension, new { reason = "Drift." }, "victor")).MustBe(HttpStatusCode.OK);
        (await Lender.InferAsync(gateway, "APP-1")).MustBe(HttpStatusCode.Conflict, "suspended");
    }

    [Fact]
    public async Task A_model_file_that_was_altered_is_not_served_and_not_checked()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        var digest = Core.Digest.Of(Lender.Corrected.Onnx.Span).Hex;
        var file = copy.File(Path.Combine("artifacts", digest[..2], digest[2..]));
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var before = await SizeAsync(gateway);

        (await Lender.InferAsync(gateway, "APP-1")).MustBe(HttpStatusCode.ServiceUnavailable, "model-failed");
        (await gateway.GetAsync("/v2/models/" + Lender.Model)).MustBe(HttpStatusCode.ServiceUnavailable, "model-failed");
        (await gateway.GetAsync($"/v2/models/{Lender.Model}/ready")).MustBe(HttpStatusCode.ServiceUnavailable, "model-failed");
        Assert.Equal(before, await SizeAsync(gateway));

        var run = await Lender.RunAsync(gateway, 2, "validation.discrimination");
        Assert.Equal("failed", run["status"]!.GetValue<string>());
        Assert.Contains("altered", run["checks"]![0]!["note"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_was_altered_is_not_checked_and_its_subjects_are_not_erased_blindly()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var digest = (await gateway.ReadAsync("/api/v1/datasets/" + Lender.Evaluation))["registration"]!["digest"]!.GetValue<string>()["sha256:".Length..];
        var file = copy.File(Path.Combine("artifacts", digest[..2], digest[2..]));
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)) + " ", TestContext.Current.CancellationToken);

        Assert.Equal("failed", (await Lender.RunAsync(gateway, 2, "validation.discrimination"))["status"]!.GetValue<string>());
        var id = await Lender.ApprovedErasureAsync(gateway, "APP-1");
        (await gateway.PostAsync($"/api/v1/erasures/{id}/execution", "", "dora")).MustBe(HttpStatusCode.Conflict, "dataset-unreadable");
        Assert.Equal("approved", (await gateway.ReadAsync("/api/v1/erasures/" + id))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Evidence_that_was_altered_counts_for_nothing()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        string envelope;
        await using (var gateway = await TestGateway.StartAsync(copy.Path))
        {
            var version = await gateway.ReadAsync($"/api/v1/models/{Lender.Model}/versions/2");
            envelope = version["evidence"]!.AsArray().Single(e => e!["check"]!.GetValue<string>() == "fairness.adverse_impact")!["envelope"]!.GetValue<string>();
        }

        var file = copy.File(Path.Combine("artifacts", envelope["sha256:".Length..][..2], envelope["sha256:".Length..][2..]));
        await File.WriteAllBytesAsync(file, [.. await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), (byte)' '], TestContext.Current.CancellationToken);
        await using var again = await TestGateway.StartAsync(copy.Path);
        (await again.GetAsync("/api/v1/evidence/" + envelope)).MustBe(HttpStatusCode.NotFound, "evidence-unknown");
        var gate = await again.ReadAsync($"/api/v1/models/{Lender.Model}/versions/2/gate");
        Assert.Equal("denied", gate["status"]!.GetValue<string>());
        Assert.Equal("gap", gate["rules"]!.AsArray().Single(r => r!["rule"]!.GetValue<string>() == "fairness-impact-ratio")!["status"]!.GetValue<string>());
    }

    private static async Task<long> SizeAsync(TestGateway gateway) =>
        (await gateway.ReadAsync("/api/v1/ledger/logs")).AsArray().Single(l => l!["name"]!.GetValue<string>() == "inference")!["size"]!.GetValue<long>();

    private static string Good() => Lender.Call("SUBJECT-SECRET").ToJsonString();

    private static string SpoilCall(Action<JsonObject> spoil)
    {
        var call = Lender.Call("SUBJECT-SECRET");
        spoil(call);
        return call.ToJsonString();
    }

    private static string Spoil(Action<JsonNode> spoil) => SpoilCall(c => spoil(c["inputs"]![0]!));

    private static string Rows(int count)
    {
        var call = Lender.Call("x");
        call["parameters"] = new JsonObject { ["subject_ids"] = new JsonArray([.. Enumerable.Range(0, count).Select(i => JsonValue.Create("APP-" + i))]) };
        var tensor = call["inputs"]![0]!;
        var row = tensor["data"]!.AsArray().Select(v => v!.GetValue<float>()).ToArray();
        tensor["shape"] = new JsonArray(count, row.Length);
        tensor["data"] = new JsonArray([.. Enumerable.Repeat(row, count).SelectMany(r => r).Select(v => JsonValue.Create(v))]);
        return call.ToJsonString();
    }
}

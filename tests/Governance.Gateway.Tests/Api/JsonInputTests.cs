using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Governance.Gateway.Tests.Api;

/// <summary>What is no request, or not one of ours.</summary>
public sealed class JsonInputTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string Secret = "SECRET-VALUE";

    private TestGateway Gateway => fixture.Gateway;

    public static TheoryData<string, string> Malformed() => new()
    {
        { "cut", """{"id":"SECRET-VALUE""" },
        { "no JSON", "SECRET-VALUE" },
        { "an array", """["SECRET-VALUE"]""" },
        { "wrong type", Registration(r => r["developers"] = Secret) },
        { "a number for a word", Registration(r => r["tier"] = 1) },
        { "unknown word", Registration(r => r["tier"] = Secret) },
        { "unknown member", Registration(r => r["extra"] = Secret) },
        { "missing member", Registration(r => r.Remove("owner")) },
        { "null member", Registration(r => r["name"] = null) },
        { "duplicate member", Registration(_ => { }).Replace("{\"id\":", "{\"id\":\"SECRET-VALUE\",\"id\":", StringComparison.Ordinal) },
        { "comment", "/* SECRET-VALUE */" + Registration(_ => { }) },
        { "too deep", string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100) },
        { "something after", Registration(_ => { }) + Secret },
    };

    [Theory]
    [MemberData(nameof(Malformed), DisableDiscoveryEnumeration = true)]
    public async Task It_is_refused_with_a_position_and_nothing_of_it_is_repeated(string what, string body)
    {
        var answer = (await Gateway.PostAsync("/api/v1/models", body, "dana")).MustBe(HttpStatusCode.BadRequest, "malformed-json");
        Assert.True(System.Text.RegularExpressions.Regex.IsMatch(answer.Json["detail"]!.GetValue<string>(), @"\(line \d+, byte \d+\)"), what);
        Assert.DoesNotContain(Secret, answer.Text, StringComparison.Ordinal);
        Assert.Empty((await Gateway.ReadAsync("/api/v1/models"))["items"]!.AsArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    public async Task A_body_that_is_not_there_is_refused(string body)
    {
        var answer = (await Gateway.PostAsync("/api/v1/models", body, "dana")).MustBe(HttpStatusCode.BadRequest, "malformed-request");
        Assert.DoesNotContain("ModelRegistration", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_position_is_that_of_the_fault()
    {
        var answer = await Gateway.PostAsync("/api/v1/models", "{\n  \"id\": \"a-model\",\n  \"name\": x\n}", "dana");
        Assert.Contains("$.name (line 3, byte 10)", answer.Json["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF8_are_refused()
    {
        using var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes("{\"id\":\""), 0xff, 0xfe, .. Encoding.UTF8.GetBytes("\"}")]);
        content.Headers.ContentType = new("application/json");
        (await Gateway.SendAsync(HttpMethod.Post, "/api/v1/models", "dana", content)).MustBe(HttpStatusCode.BadRequest, "malformed-json");
    }

    [Fact]
    public async Task Another_media_type_is_refused()
    {
        using var text = new StringContent("<model/>", Encoding.UTF8, "text/xml");
        (await Gateway.SendAsync(HttpMethod.Post, "/api/v1/models", "dana", text)).MustBe(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        (await Gateway.PostAsync("/api/v1/datasets", "{}", "dana")).MustBe(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
    }

    [Theory]
    [InlineData("POST /api/v1/models", "dana")]
    [InlineData("POST /v2/models/nothing/infer", "loans-app")]
    [InlineData("POST /api/v1/erasures", "dora")]
    public async Task Fifty_megabytes_are_refused_before_they_are_read(string request, string persona)
    {
        var head = $"{request} HTTP/1.1\nHost: {Gateway.Address.Authority}\nAuthorization: Bearer {await Gateway.TokenAsync(persona)}\nContent-Type: application/json\nContent-Length: {50 << 20}";
        var said = await RawHttp.SendAsync(Gateway.Address, head, Enumerable.Repeat(new byte[1 << 16], 50 << 4), TestContext.Current.CancellationToken);

        // An unknown route is refused before its body is looked at.
        Assert.StartsWith(request.Contains("/v2/", StringComparison.Ordinal) ? "HTTP/1.1 404" : "HTTP/1.1 413", said, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_without_a_length_is_refused_at_the_limit()
    {
        var head = $"POST /api/v1/models HTTP/1.1\nHost: {Gateway.Address.Authority}\nAuthorization: Bearer {await Gateway.TokenAsync("dana")}\nContent-Type: application/json\nTransfer-Encoding: chunked";
        var chunk = Encoding.ASCII.GetBytes("10000\r\n" + new string(' ', 1 << 16) + "\r\n");
        var said = await RawHttp.SendAsync(Gateway.Address, head, Enumerable.Repeat(chunk, 1000), TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 413", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"checks":["no.such"],"seed":1}""", 422, "check-unknown")]
    [InlineData("""{"checks":[null],"seed":1}""", 422, "check-unknown")]
    [InlineData("""{"checks":["a\u0000b"],"seed":1}""", 422, "check-unknown")]
    [InlineData("""{"seed":1.5}""", 400, "malformed-json")]
    [InlineData("""{}""", 404, "model-unknown")]
    public async Task A_bad_run_is_refused(string body, int status, string code) =>
        (await Gateway.PostAsync("/api/v1/models/nothing/versions/1/runs", body, "victor")).MustBe((HttpStatusCode)status, code);

    [Theory]
    [InlineData("""{"role":"emperor","meaning":"approved","comment":"c","binding":"sha256:0000000000000000000000000000000000000000000000000000000000000000"}""", 422, "unknown-role")]
    [InlineData("""{"role":"Validator","meaning":"approved","comment":"c","binding":"sha256:0000000000000000000000000000000000000000000000000000000000000000"}""", 422, "unknown-role")]
    [InlineData("""{"role":"validator","meaning":"maybe","comment":"c","binding":"sha256:0000000000000000000000000000000000000000000000000000000000000000"}""", 400, "malformed-json")]
    [InlineData("""{"role":"validator","meaning":"approved","comment":"c","binding":"md5:0"}""", 400, "malformed-json")]
    [InlineData("""{"role":"validator","meaning":"approved","comment":"c","binding":7}""", 400, "malformed-json")]
    [InlineData("""{"role":"validator","meaning":"approved","comment":"c","binding":"sha256:0000000000000000000000000000000000000000000000000000000000000000"}""", 404, "model-unknown")]
    public async Task A_bad_signature_is_refused(string body, int status, string code) =>
        (await Gateway.PostAsync("/api/v1/models/nothing/versions/1/sign-offs", body, "victor")).MustBe((HttpStatusCode)status, code);

    [Theory]
    [InlineData("""{"subject":"","ground":"objection"}""", 422, "invalid-erasure")]
    [InlineData("""{"subject":"SECRET-VALUE\n","ground":"objection"}""", 422, "invalid-erasure")]
    [InlineData("""{"subject":"SECRET-VALUE","ground":"whim"}""", 422, "invalid-erasure")]
    [InlineData("""{"subject":7,"ground":"objection"}""", 400, "malformed-json")]
    public async Task A_bad_erasure_request_is_refused(string body, int status, string code)
    {
        var answer = (await Gateway.PostAsync("/api/v1/erasures", body, "dora")).MustBe((HttpStatusCode)status, code);
        Assert.DoesNotContain(Secret, answer.Text, StringComparison.Ordinal);
    }

    private static string Registration(Action<JsonObject> spoil)
    {
        var registration = System.Text.Json.JsonSerializer.SerializeToNode(Lender.Registration())!.AsObject();
        spoil(registration);
        return registration.ToJsonString();
    }
}

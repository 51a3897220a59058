using System.Net;
using System.Text.Json.Nodes;
using Governance.Core.Identity;
using Governance.Gateway.Inference.Direct;
using Governance.Gateway.Tests.Api;
using Governance.Testing;
using Microsoft.AspNetCore.Http.Features;

namespace Governance.Gateway.Tests.Inference;

/// <summary>The direct way answers as the pipeline does, and takes nothing that is the pipeline's.</summary>
public sealed class DirectInferenceTests(LenderFixture lender)
{
    /// <summary>Routing does not mind the case of an address; the direct way does, so this one takes the pipeline.</summary>
    private const string ThroughPipeline = $"/V2/models/{Lender.Model}/infer";

    [Theory]
    [InlineData("POST", "/v2/models/credit/infer", "application/json", "credit")]
    [InlineData("POST", "/v2/models/credit/infer", "application/json; charset=utf-8", "credit")]
    [InlineData("POST", "/v2/models/credit/infer", "application/octet-stream", "credit")]
    [InlineData("GET", "/v2/models/credit/infer", "application/json", null)]
    [InlineData("POST", "/v2/models/credit/infer", "text/plain", null)]
    [InlineData("POST", "/v2/models/credit/infer", "", null)]
    [InlineData("POST", "/v2/models/credit/infer/", "application/json", null)]
    [InlineData("POST", "/v2/models/credit/versions/2/infer", "application/json", null)]
    [InlineData("POST", "/v2/models//infer", "application/json", null)]
    [InlineData("POST", "/v2/models/infer", "application/json", null)]
    [InlineData("POST", "/mlflow/credit/invocations", "application/json", null)]
    public void Only_plain_inference_takes_the_direct_way(string method, string path, string contentType, string? route)
    {
        var request = new HttpRequestFeature { Method = method, Path = path };
        request.Headers.ContentType = contentType;
        Assert.Equal(route, DirectInference.RouteOf(request));
    }

    [Fact]
    public void A_token_is_known_for_a_second_by_the_very_string()
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(60);
        var caller = new Caller
        {
            Subject = "loans-app", Name = "Loans", Kind = CallerKind.Application, Roles = RoleSet.Of(Role.Client), TokenId = "1", ExpiresAt = now.AddSeconds(10),
        };
        var (known, header) = (new KnownToken(), "Bearer " + new string('a', 3));
        Assert.Null(known.Find(header, now));
        known.Remember(header, caller, now);

        Assert.Same(caller, known.Find(header, now));
        Assert.Null(known.Find("Bearer " + new string('a', 3), now));
        Assert.Null(known.Find(header, now + KnownToken.Fresh));
        Assert.Null(known.Find(header, now.AddHours(-1)));

        var last = caller.ExpiresAt.AddMilliseconds(-100);
        known.Remember(header, caller, last);
        Assert.Same(caller, known.Find(header, last.AddMilliseconds(99)));
        Assert.Null(known.Find(header, caller.ExpiresAt));
    }

    [Fact]
    public async Task An_answer_is_the_same_as_the_pipelines()
    {
        var gateway = await lender.GatewayAsync();
        var direct = (await Lender.InferAsync(gateway, "DIRECT-1", 3)).MustBe(HttpStatusCode.OK);
        var piped = (await gateway.PostAsync(ThroughPipeline, Lender.Call("DIRECT-1", 3), "loans-app")).MustBe(HttpStatusCode.OK);

        Assert.Equal(Lasting(piped.Json), Lasting(direct.Json));
        Assert.Equal(piped.MediaType, direct.MediaType);
        Assert.Equal(piped.Headers.Keys.Order(StringComparer.Ordinal), direct.Headers.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{", "loans-app", HttpStatusCode.BadRequest, "malformed-json")]
    [InlineData("""{"inputs":[]}""", "loans-app", HttpStatusCode.UnprocessableEntity, "unfit-request")]
    [InlineData("{}", "dana", HttpStatusCode.Forbidden, "role-required")]
    [InlineData("{}", null, HttpStatusCode.Unauthorized, "unauthenticated")]
    public async Task A_refusal_is_the_same_as_the_pipelines(string body, string? persona, HttpStatusCode status, string code)
    {
        var gateway = await lender.GatewayAsync();
        var direct = (await gateway.PostAsync(Lender.Route, body, persona)).MustBe(status, code);
        var piped = (await gateway.PostAsync(ThroughPipeline, body, persona)).MustBe(status, code);
        Assert.Equal(piped.Json["detail"]!.GetValue<string>(), direct.Json["detail"]!.GetValue<string>());
        Assert.Equal(direct.Json["detail"]!.GetValue<string>(), direct.Json["error"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_and_an_unknown_route_is_unknown()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path, "MaxJsonBytes=65536");
        (await gateway.PostAsync(Lender.Route, new string(' ', 70_000), "loans-app")).MustBe(HttpStatusCode.RequestEntityTooLarge, "too-large");
        (await gateway.PostAsync("/v2/models/nobody/infer", "{}", "loans-app")).MustBe(HttpStatusCode.NotFound, "model-unknown");
        (await Lender.InferAsync(gateway, "DIRECT-2")).MustBe(HttpStatusCode.OK);
    }

    /// <summary>What does not differ between two answers to the same question.</summary>
    private static string Lasting(JsonNode answer)
    {
        answer.AsObject().Remove("id");
        answer["parameters"]!.AsObject().Remove("audit_index");
        answer["parameters"]!.AsObject().Remove("receipt");
        return answer.ToJsonString();
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Governance.Gateway.Tests.Api;

/// <summary>The protocols of the serving endpoint over HTTP: binary tensors, chosen outputs, the shape of errors, MLflow's words.</summary>
[Collection(nameof(LenderFixture))]
public sealed class InferenceProtocolTests(LenderFixture lender)
{
    private const string Mlflow = $"/mlflow/{Lender.Model}";

    [Fact]
    public async Task A_binary_request_has_the_answer_of_its_json()
    {
        var gateway = await lender.GatewayAsync();
        var expected = (await Lender.InferAsync(gateway, "BIN-1")).MustBe(HttpStatusCode.OK).Json["outputs"]!;
        var answer = (await PostBinaryAsync(gateway, """{"binary_data_output":true}""", outputs: "")).MustBe(HttpStatusCode.OK);

        Assert.Equal("application/octet-stream", answer.MediaType);
        var length = int.Parse(answer.Headers["Inference-Header-Content-Length"], System.Globalization.CultureInfo.InvariantCulture);
        var outputs = JsonNode.Parse(answer.Body.AsSpan(0, length))!["outputs"]!.AsArray();
        Assert.Equal([8, 4 + expected[1]!["data"]![0]!.GetValue<string>().Length], outputs.Select(o => o!["parameters"]!["binary_data_size"]!.GetValue<int>()));
        Assert.Null(outputs[0]!["data"]);
        var tail = answer.Body.AsSpan(length);
        Assert.Equal(expected[0]!["data"]![0]!.GetValue<double>(), BinaryPrimitives.ReadDoubleLittleEndian(tail));
        Assert.Equal(tail.Length - 12, (int)BinaryPrimitives.ReadUInt32LittleEndian(tail[8..]));
        Assert.Equal(expected[1]!["data"]![0]!.GetValue<string>(), Encoding.UTF8.GetString(tail[12..]));
    }

    [Fact]
    public async Task Outputs_are_those_asked_for()
    {
        var gateway = await lender.GatewayAsync();
        var answer = (await PostBinaryAsync(gateway, "{}", outputs: """{"name":"decision"}""")).MustBe(HttpStatusCode.OK);
        Assert.Equal("application/json", answer.MediaType);
        Assert.Equal(["decision"], answer.Json["outputs"]!.AsArray().Select(o => o!["name"]!.GetValue<string>()));
        (await PostBinaryAsync(gateway, "{}", outputs: """{"name":"probability"}""")).MustBe(HttpStatusCode.UnprocessableEntity, "unfit-request");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1000000")]
    public async Task A_json_length_that_is_none_is_refused(string length)
    {
        var gateway = await lender.GatewayAsync();
        (await PostBinaryAsync(gateway, "{}", outputs: "", length)).MustBe(HttpStatusCode.BadRequest, "malformed-request");
    }

    [Fact]
    public async Task Errors_are_problems_that_say_error()
    {
        var gateway = await lender.GatewayAsync();
        foreach (var answer in new[]
        {
            (await gateway.PostAsync("/v2/models/nothing/infer", "{}", "loans-app")).MustBe(HttpStatusCode.NotFound, "model-unknown"),
            (await gateway.PostAsync(Lender.Route, "{", "loans-app")).MustBe(HttpStatusCode.BadRequest, "malformed-json"),
            (await gateway.PostAsync(Lender.Route, "{}", persona: null)).MustBe(HttpStatusCode.Unauthorized, "unauthenticated"),
            (await gateway.SendAsync(HttpMethod.Post, Lender.Route, "loans-app", new StringContent("a", Encoding.UTF8, "text/plain"))).MustBe(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type"),
        })
        {
            Assert.Equal(answer.Json["detail"]!.GetValue<string>(), answer.Json["error"]!.GetValue<string>());
        }

        Assert.Null((await gateway.GetAsync("/api/v1/models/nothing")).Json["error"]);
    }

    [Fact]
    public async Task The_server_says_what_it_can()
    {
        var gateway = await lender.GatewayAsync();
        Assert.Equal("""["binary_tensor_data"]""", (await gateway.GetAsync("/v2", persona: null)).Json["extensions"]!.ToJsonString());
        Assert.True((await gateway.GetAsync("/v2/health/live", persona: null)).Json["live"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Mlflow_clients_get_the_same_decision_and_leave_the_same_record()
    {
        var gateway = await lender.GatewayAsync();
        var call = Lender.Call("ML-1");
        var expected = (await gateway.PostAsync(Lender.Route, call, "loans-app")).MustBe(HttpStatusCode.OK).Json["outputs"]!;
        var body = new JsonObject
        {
            ["dataframe_split"] = new JsonObject
            {
                ["columns"] = new JsonArray([.. Lender.Corrected.Features.Select(f => JsonValue.Create(f))]),
                ["data"] = new JsonArray(call["inputs"]![0]!["data"]!.DeepClone()),
            },
            ["params"] = new JsonObject { ["subject_id"] = "ML-1" },
        };
        var answer = (await gateway.PostAsync(Mlflow + "/invocations", body, "loans-app")).MustBe(HttpStatusCode.OK).Json;
        Assert.Equal(expected[0]!["data"]![0]!.ToJsonString(), answer["predictions"]![0]!["score"]!.ToJsonString());
        Assert.Equal(expected[1]!["data"]![0]!.GetValue<string>(), answer["predictions"]![0]!["decision"]!.GetValue<string>());
        var decision = await gateway.ReadAsync("/api/v1/decisions/" + answer["parameters"]!["audit_index"], "carla");
        Assert.Equal("ML-1", decision["payload"]!["subject"]!.GetValue<string>());
        Assert.Equal("2", (await gateway.GetAsync(Mlflow + "/version")).MustBe(HttpStatusCode.OK).Text);
        (await gateway.GetAsync(Mlflow + "/ping")).MustBe(HttpStatusCode.OK);
        (await gateway.GetAsync(Mlflow + "/health")).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Mlflow_clients_are_refused_as_others_are()
    {
        var gateway = await lender.GatewayAsync();
        (await gateway.GetAsync("/mlflow/nothing/ping")).MustBe(HttpStatusCode.NotFound, "model-unknown");
        (await gateway.GetAsync(Mlflow + "/ping", persona: null)).MustBe(HttpStatusCode.Unauthorized, "unauthenticated");
        (await gateway.PostAsync(Mlflow + "/invocations", """{"instances":[[1]]}""", "victor")).MustBe(HttpStatusCode.Forbidden, "role-required");
        (await gateway.PostAsync(Mlflow + "/invocations", """{"instances":[[1]]}""", "loans-app")).MustBe(HttpStatusCode.UnprocessableEntity, "unfit-request");
    }

    private static Task<Answer> PostBinaryAsync(TestGateway gateway, string parameters, string outputs, string? length = null)
    {
        var call = Lender.Call("BIN-1");
        var values = call["inputs"]![0]!["data"]!.AsArray().Select(v => v!.GetValue<float>()).ToArray();
        var all = JsonNode.Parse(parameters)!.AsObject();
        all["subject_id"] = "BIN-1";
        call.Remove("id");
        call["parameters"] = all;
        call["outputs"] = JsonNode.Parse($"[{outputs}]");
        call["inputs"]![0]!.AsObject().Remove("data");
        call["inputs"]![0]!["parameters"] = new JsonObject { ["binary_data_size"] = 4 * values.Length };
        var json = Encoding.UTF8.GetBytes(call.ToJsonString());
        var content = new ByteArrayContent([.. json, .. values.SelectMany(BitConverter.GetBytes)]);
        content.Headers.ContentType = new("application/octet-stream");
        content.Headers.Add("Inference-Header-Content-Length", length ?? json.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return gateway.SendAsync(HttpMethod.Post, Lender.Route, "loans-app", content);
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Governance.Benchmarks.Serving;

/// <summary>
/// The rival without governance: a minimal ASP.NET endpoint that reads the same request with System.Text.Json, scores with the same runtime and
/// answers the same outputs. No caller, no policy, no record. Option: <c>--port</c>.
/// </summary>
internal static class UngovernedServer
{
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var scorer = ServingCase.Scorer();
        app.MapPost("/v2/models/{name}/infer", async (string name, HttpContext http) =>
        {
            var request = await JsonSerializer.DeserializeAsync<Request>(http.Request.Body, JsonSerializerOptions.Web, http.RequestAborted);
            var tensor = request!.Inputs[0];
            var scores = new double[tensor.Shape[0]];
            scorer.Score(tensor.Data, scores, http.RequestAborted);
            return Results.Json(new Response(name, "1",
            [
                new Output<double>("score", [scores.Length], "FP64", scores),
                new Output<string>("decision", [scores.Length], "BYTES", Array.ConvertAll(scores, s => s >= 0.5 ? "adverse" : "favourable")),
            ]));
        });
        await app.RunAsync($"http://127.0.0.1:{args[Array.IndexOf(args, "--port") + 1]}");
        return 0;
    }

    private sealed record Request(IReadOnlyList<Tensor> Inputs);

    private sealed record Tensor(string Name, int[] Shape, string Datatype, float[] Data);

    private sealed record Output<T>(string Name, int[] Shape, string Datatype, T[] Data);

    private sealed record Response(
        [property: JsonPropertyName("model_name")] string ModelName, [property: JsonPropertyName("model_version")] string ModelVersion, object[] Outputs);
}

using Governance.Gateway.Hosting;
using Governance.Gateway.Identity;
using Governance.Serving.Protocol;

namespace Governance.Gateway.Inference;

/// <summary>
/// A governed route as a scoring server of MLflow: <c>/mlflow/{route}</c> is what its clients take for the server's address. The same caller,
/// policy, scoring and record as the Open Inference Protocol; only the words differ.
/// </summary>
internal static class MlflowEndpoints
{
    public static void MapMlflow(this IEndpointRouteBuilder app)
    {
        var server = app.MapGroup("/mlflow/{name}").RequireAuthorization();
        server.MapPost("/invocations", InvokeAsync).WithName("MlflowInvoke").WithSummary("Score rows, in the words of MLflow")
            .Accepts<System.Text.Json.Nodes.JsonObject>("application/json");
        server.MapGet("/ping", ReadyAsync).WithName("MlflowPing").WithSummary("Whether the route answers");
        server.MapGet("/health", ReadyAsync).WithName("MlflowHealth").WithSummary("Whether the route answers");
        server.MapGet("/version", VersionAsync).WithName("MlflowVersion").WithSummary("The promoted version that answers");
    }

    private static Task<IResult> InvokeAsync(string name, HttpContext http, InferenceHandler handler) => handler.AnswerAsync(
        http, http.GetCaller(), name, version: null, static (http, shape) => InferenceBody.ReadAsync(http, shape, MlflowRequestReader.Read, jsonLength: null), Write).AsTask();

    private static int Write(in AnsweredCall answer, ResponseBuffer buffer)
    {
        InferenceResponseWriter.WriteMlflow(buffer, answer.Route, answer.Outcome, GovernanceLogs.InferenceName);
        return buffer.Written.Length;
    }

    private static Task<IResult> ReadyAsync(string name, InferenceHandler handler, CancellationToken cancellationToken) =>
        handler.WithScorerAsync(name, version: null, static (_, _) => Results.Text("\n"), cancellationToken);

    private static Task<IResult> VersionAsync(string name, InferenceHandler handler, CancellationToken cancellationToken) => handler.WithScorerAsync(
        name, version: null, static (route, _) => Results.Text(route.Version.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)), cancellationToken);
}

using Governance.Client.Contracts;
using Governance.Gateway.Exports;
using Governance.Gateway.Hosting;
using Governance.Gateway.Identity;
using Governance.Gateway.Inference.Direct;
using Governance.Gateway.Inference.Protection;
using Governance.Gateway.Policy;
using Governance.Ledger;
using Governance.Models.Onnx;
using Governance.Serving;
using Governance.Serving.Pipelines;
using Governance.Serving.Protocol;
using Governance.Serving.Recording;
using Governance.Serving.Reviews;
using Governance.Serving.Routing;
using Governance.Serving.Scoring;
using Governance.Serving.Shadows;
using Governance.Serving.Upstreams;
using Governance.Storage;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Inference;

/// <summary>Open Inference Protocol v2, JSON and binary: the governed endpoint of bank applications.</summary>
internal static class InferenceEndpoints
{
    private const string Platform = "onnx";
    private const string RemotePlatform = "remote";
    private static readonly string[] Extensions = ["binary_tensor_data"];

    public static void AddInference(this IServiceCollection services)
    {
        services.AddSingleton(p => new ModelPool(p.GetRequiredService<ArtifactStore>().Read, p.GetRequiredService<OnnxLimits>(), p.GetRequiredService<IOptions<GatewayOptions>>().Value.MaxLoadedModels));
        services.AddSingleton(p => new UpstreamNames(p.GetRequiredService<IOptions<GatewayOptions>>().Value.Upstreams.ToDictionary(
            u => u.Key, u => new UpstreamServer(u.Key, u.Value, p.GetRequiredService<TimeProvider>()), StringComparer.Ordinal)));
        services.AddSingleton<IScorerSource>(p => new PipelineScorers(new UpstreamScorers(p.GetRequiredService<UpstreamNames>().Servers, p.GetRequiredService<ModelPool>())));
        services.AddSingleton<ModelReadiness>();
        services.AddHostedService(p => p.GetRequiredService<ModelReadiness>());
        services.AddSingleton<ShadowMirror>();
        services.AddHostedService<ShadowWork>();
        services.AddSingleton<IRequestGuard, ServeGuards>();
        services.AddExplanations();
        services.AddSingleton(p => new InferenceRecorder(
            p.GetRequiredService<GovernanceLogs>().Inference.Log, p.GetRequiredService<PayloadStore>(), p.GetRequiredService<ReviewBook>(), new TakeBound(),
            p.GetRequiredService<TimeProvider>()));
        services.AddDecisions();
        services.AddSingleton<InferenceService>();
        services.AddSingleton(p => new Admission(p.GetRequiredService<IOptions<GatewayOptions>>().Value.Protection));
        services.AddSingleton<PayloadExports>();
        services.AddHostedService(p => p.GetRequiredService<PayloadExports>());
        services.AddSingleton<InferenceHandler>();
        DirectServer.Add(services);
    }

    public static void MapInference(this IEndpointRouteBuilder app)
    {
        var v2 = app.MapGroup("/v2");
        v2.MapGet("", () => Results.Json(new { name = "governance", version = "1", extensions = Extensions })).AllowAnonymous().WithName("OipServer");
        v2.MapGet("/health/live", () => Results.Json(new { live = true })).AllowAnonymous().WithName("OipLive");
        v2.MapGet("/health/ready", (GovernanceLogs logs, LogFreshness freshness) => logs.Inference.Log.Failure is null && !freshness.IsStale
            ? Results.Json(new { ready = true })
            : Results.Json(new { ready = false }, statusCode: StatusCodes.Status503ServiceUnavailable)).AllowAnonymous().WithName("OipReady");
        var models = v2.MapGroup("/models/{name}").RequireAuthorization();
        foreach (var prefix in new[] { "", "/versions/{version:int}" })
        {
            var suffix = prefix.Length == 0 ? "" : "Version";
            models.MapGet(prefix, MetadataAsync).WithName("OipModel" + suffix).WithSummary("Model metadata");
            models.MapGet(prefix + "/ready", ReadyAsync).WithName("OipModelReady" + suffix).WithSummary("Whether the route answers");
            models.MapPost(prefix + "/infer", InferAsync).WithName("OipInfer" + suffix).WithSummary("Score rows: decision and receipt")
                .Accepts<InferRequest>("application/json", InferenceBody.BinaryType).Produces<InferResponse>();
        }
    }

    private static Task<IResult> MetadataAsync(string name, int? version, InferenceHandler handler, CancellationToken cancellationToken) =>
        handler.WithScorerAsync(name, version, (route, scorer) => Metadata(name, route, scorer), cancellationToken);

    private static Task<IResult> ReadyAsync(string name, int? version, InferenceHandler handler, CancellationToken cancellationToken) =>
        handler.WithScorerAsync(name, version, (_, _) => Results.Json(new { name, ready = true }), cancellationToken);

    private static IResult Metadata(string name, RouteOutcome.Serves route, IScorer scorer) => Results.Json(new
    {
        name,
        versions = new[] { route.Version.Number.ToString(System.Globalization.CultureInfo.InvariantCulture) },
        platform = route.Settings.Upstream is null ? Platform : RemotePlatform,
        inputs = new[] { new { name = scorer.InputName, datatype = "FP32", shape = new[] { -1, scorer.Features.Count } } },
        outputs = new[] { new { name = "score", datatype = "FP64", shape = new[] { -1 } }, new { name = "decision", datatype = "BYTES", shape = new[] { -1 } } },
        parameters = new { features = scorer.Features, route.Version.Submission.Threshold },
    });

    /// <summary>Reads a request of this protocol.</summary>
    public static readonly InferenceHandler.Reader Read = InferenceBody.ReadAsync;

    /// <summary>Writes an answer of this protocol.</summary>
    public static readonly InferenceHandler.Writer Write = static (in AnsweredCall answer, ResponseBuffer buffer) =>
        InferenceResponseWriter.Write(buffer, answer.Name, answer.Route, answer.Call, answer.Outcome, GovernanceLogs.InferenceName);

    private static Task<IResult> InferAsync(string name, int? version, HttpContext http, InferenceHandler handler) =>
        handler.AnswerAsync(http, http.GetCaller(), name, version, Read, Write).AsTask();
}

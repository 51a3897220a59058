using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Api;
using Governance.Gateway.Hosting;
using Governance.Gateway.Identity;
using Governance.Gateway.Policy;
using Governance.Ledger;
using Governance.Models.Onnx;
using Governance.Serving;
using Governance.Serving.Protocol;
using Governance.Serving.Recording;
using Governance.Serving.Requests;
using Governance.Serving.Routing;
using Governance.Serving.Scoring;
using Governance.Storage;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Inference;

/// <summary>Open Inference Protocol v2, JSON: the one governed endpoint of bank applications.</summary>
internal static class InferenceEndpoints
{
    private const string Platform = "onnx";

    public static void AddInference(this IServiceCollection services)
    {
        services.AddSingleton(p => new ModelPool(p.GetRequiredService<ArtifactStore>().Read, p.GetRequiredService<OnnxLimits>()));
        services.AddSingleton<IScorerSource>(p => p.GetRequiredService<ModelPool>());
        services.AddSingleton<IRequestGuard, ServeGuards>();
        services.AddSingleton<IAnswerExplainer>(NoExplainer.Instance);
        services.AddSingleton(p => new InferenceRecorder(
            p.GetRequiredService<GovernanceLogs>().Inference.Log, p.GetRequiredService<PayloadStore>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => new DecisionArchive(p.GetRequiredService<GovernanceLogs>().Inference.Log.Reader, p.GetRequiredService<PayloadStore>()));
        services.AddSingleton(p => new RequestMemory(p.GetRequiredService<DecisionArchive>(), new RequestMemoryOptions(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<InferenceService>();
    }

    public static void MapInference(this IEndpointRouteBuilder app)
    {
        var v2 = app.MapGroup("/v2");
        v2.MapGet("", () => Results.Json(new { name = "governance", version = "1", extensions = Array.Empty<string>() })).AllowAnonymous().WithName("OipServer");
        v2.MapGet("/health/live", () => Results.Json(new { live = true })).AllowAnonymous().WithName("OipLive");
        v2.MapGet("/health/ready", (GovernanceLogs logs) => logs.Inference.Log.Failure is null
            ? Results.Json(new { ready = true })
            : Results.Json(new { ready = false }, statusCode: StatusCodes.Status503ServiceUnavailable)).AllowAnonymous().WithName("OipReady");
        var models = v2.MapGroup("/models/{name}").RequireAuthorization();
        foreach (var prefix in new[] { "", "/versions/{version:int}" })
        {
            var suffix = prefix.Length == 0 ? "" : "Version";
            models.MapGet(prefix, MetadataAsync).WithName("OipModel" + suffix).WithSummary("Model metadata");
            models.MapGet(prefix + "/ready", ReadyAsync).WithName("OipModelReady" + suffix).WithSummary("Whether the route answers");
            models.MapPost(prefix + "/infer", InferAsync).WithName("OipInfer" + suffix).WithSummary("Score rows: decision and receipt")
                .Accepts<InferRequest>("application/json").Produces<InferResponse>();
        }
    }

    private static Task<IResult> MetadataAsync(string name, int? version, Governor governor, IScorerSource scorers, CancellationToken cancellationToken) =>
        WithModelAsync(name, version, governor, scorers, (route, scorer) => Task.FromResult(Metadata(name, route, scorer)), cancellationToken);

    private static Task<IResult> ReadyAsync(string name, int? version, Governor governor, IScorerSource scorers, CancellationToken cancellationToken) =>
        WithModelAsync(name, version, governor, scorers, (_, _) => Task.FromResult(Results.Json(new { name, ready = true })), cancellationToken);

    /// <summary>Answers with the route's model, or says why there is none: unknown, not promoted, suspended, or its file is not what was promoted.</summary>
    private static async Task<IResult> WithModelAsync(
        string name, int? version, Governor governor, IScorerSource scorers, Func<RouteOutcome.Serves, IScorer, Task<IResult>> answer, CancellationToken cancellationToken)
    {
        var resolved = RouteTable.Resolve(governor.State, name, version);
        if (resolved is not RouteOutcome.Serves route)
        {
            return Closed(resolved, name);
        }

        IScorer scorer;
        try
        {
            scorer = await scorers.GetAsync(route, route.Version, cancellationToken);
        }
        catch (ScoringException e)
        {
            return Problems.Result(StatusCodes.Status503ServiceUnavailable, e.Code, e.Message);
        }

        return await answer(route, scorer);
    }

    private static IResult Metadata(string name, RouteOutcome.Serves route, IScorer scorer) => Results.Json(new
    {
        name,
        versions = new[] { route.Version.Number.ToString(System.Globalization.CultureInfo.InvariantCulture) },
        platform = Platform,
        inputs = new[] { new { name = scorer.InputName, datatype = "FP32", shape = new[] { -1, scorer.Features.Count } } },
        outputs = new[] { new { name = "score", datatype = "FP64", shape = new[] { -1 } }, new { name = "decision", datatype = "BYTES", shape = new[] { -1 } } },
        parameters = new { features = scorer.Features, route.Version.Submission.Threshold },
    });

    private static async Task<IResult> InferAsync(
        string name, int? version, HttpContext http, Governor governor, IScorerSource scorers, InferenceService service, IOptions<GatewayOptions> options)
    {
        var caller = http.GetCaller();
        if (!caller.Is(Role.Client))
        {
            return Problems.Result(StatusCodes.Status403Forbidden, "role-required", "Only applications with the role client may ask for decisions.");
        }

        return await WithModelAsync(name, version, governor, scorers, async (route, scorer) =>
        {
            var shape = new InferenceShape(scorer.InputName, scorer.Features.Count, options.Value.MaxInferenceRows);
            var (call, fault) = await ReadAsync(http, shape);
            if (call is null)
            {
                return Problems.Result(fault!.Status, fault.Code, fault.Detail);
            }

            var arm = route.For(call);
            return Result(name, arm, call, await service.InferAsync(call, arm, caller, http.RequestAborted));
        }, http.RequestAborted);
    }

    private static IResult Result(string name, RouteOutcome.Serves route, InferenceCall call, InferenceOutcome outcome) => outcome switch
    {
        InferenceOutcome.Answered answered => Answers.Ok(Response(name, route, call, answered)),
        InferenceOutcome.Refused { Refusal: var refusal } refused => Problems.Result(
            StatusCodes.Status403Forbidden, InferenceOutcome.Refused.Code, $"{refusal.Message} {refusal.Remediation}",
            [$"{refusal.Rule}: {refusal.Title} ({refusal.Citation}); entry {refused.Index} of the log {GovernanceLogs.InferenceName}"]),
        InferenceOutcome.Failed failed => Problems.Result(failed.Status, failed.Code, failed.Detail),
        _ => throw new InvalidOperationException("Unknown outcome."),
    };

    /// <summary>The body is bounded by the server's limit before it is read.</summary>
    private static async Task<(InferenceCall? Call, InferenceFault? Fault)> ReadAsync(HttpContext http, InferenceShape shape)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (read.IsCompleted)
            {
                var body = read.Buffer;
                var parsed = body.IsSingleSegment
                    ? InferenceRequestReader.Read(body.FirstSpan, shape)
                    : InferenceRequestReader.Read(System.Buffers.BuffersExtensions.ToArray(body), shape);
                reader.AdvanceTo(body.End);
                return parsed;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static InferResponse Response(string name, RouteOutcome.Serves route, InferenceCall call, InferenceOutcome.Answered answered) => new()
    {
        ModelName = name,
        ModelVersion = route.Version.Number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Id = call.Id,
        Parameters = new JsonObject
        {
            ["audit_log"] = GovernanceLogs.InferenceName,
            ["audit_index"] = answered.FirstIndex,
            ["receipt"] = new JsonArray([.. answered.Leaves.Select(h => JsonValue.Create(h.ToString()))]),
            ["promotion_index"] = route.Route.Decision,
            ["model_digest"] = route.Version.Submission.Artifact.ToString(),
        },
        Outputs =
        [
            new InferTensor("score", [call.Rows], "FP64", JsonSerializer.SerializeToElement(answered.Scores.ToArray())),
            new InferTensor("decision", [call.Rows], "BYTES", JsonSerializer.SerializeToElement(answered.Decisions.ToArray())),
        ],
    };

    private static IResult Closed(RouteOutcome outcome, string name) => outcome is RouteOutcome.Closed closed
        ? Problems.Result(StatusCodes.Status409Conflict, closed.Code, closed.Detail)
        : Answers.NoModel(name);
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Api;
using Governance.Gateway.Hosting;
using Governance.Gateway.Identity;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Serving;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Inference;

/// <summary>Open Inference Protocol v2, JSON: the one governed endpoint of bank applications.</summary>
internal static class InferenceEndpoints
{
    private const string Platform = "onnx";

    public static void AddInference(this IServiceCollection services) => services.AddSingleton(p => new InferenceService(
        p.GetRequiredService<ModelPool>(), p.GetRequiredService<GovernanceLogs>().Inference.Log, p.GetRequiredService<Governance.Ledger.PayloadStore>(),
        p.GetRequiredService<TimeProvider>(), p.GetRequiredService<IRequestGuard>()));

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
            models.MapGet(prefix, (string name, int? version, Governor governor, ModelPool pool) => Metadata(name, version, governor, pool)).WithName("OipModel" + suffix).WithSummary("Model metadata");
            models.MapGet(prefix + "/ready", Ready).WithName("OipModelReady" + suffix).WithSummary("Whether the route answers");
            models.MapPost(prefix + "/infer", InferAsync).WithName("OipInfer" + suffix).WithSummary("Score rows: decision and receipt")
                .Accepts<InferRequest>("application/json").Produces<InferResponse>();
        }
    }

    private static IResult Metadata(string name, int? version, Governor governor, ModelPool models) =>
        WithModel(name, version, governor, models, (route, model) => Metadata(name, route, model));

    private static IResult Ready(string name, int? version, Governor governor, ModelPool models) =>
        WithModel(name, version, governor, models, (_, _) => Results.Json(new { name, ready = true }));

    /// <summary>Answers with the route's model, or says why there is none: unknown, not promoted, suspended, or its file is not what was promoted.</summary>
    private static IResult WithModel(
        string name, int? version, Governor governor, ModelPool models, Func<RouteOutcome.Serves, OnnxScorer, IResult> answer)
    {
        var resolved = RouteTable.Resolve(governor.State, name, version);
        if (resolved is not RouteOutcome.Serves route)
        {
            return Closed(resolved, name);
        }

        try
        {
            return answer(route, models.Get(route.Version));
        }
        catch (ModelRefusedException e)
        {
            return Unloadable(e);
        }
    }

    private static IResult Metadata(string name, RouteOutcome.Serves route, OnnxScorer model) => Results.Json(new
    {
        name,
        versions = new[] { route.Version.Number.ToString(System.Globalization.CultureInfo.InvariantCulture) },
        platform = Platform,
        inputs = new[] { new { name = model.Signature.Input, datatype = "FP32", shape = new[] { -1, model.Signature.FeatureCount } } },
        outputs = new[] { new { name = "score", datatype = "FP64", shape = new[] { -1 } }, new { name = "decision", datatype = "BYTES", shape = new[] { -1 } } },
        parameters = new { features = model.Features, route.Version.Submission.Threshold },
    });

    private static async Task<IResult> InferAsync(
        string name, int? version, HttpContext http, Governor governor, ModelPool models, InferenceService service, IOptions<GatewayOptions> options)
    {
        var caller = http.GetCaller();
        if (!caller.Is(Role.Client))
        {
            return Problems.Result(StatusCodes.Status403Forbidden, "role-required", "Only applications with the role client may ask for decisions.");
        }

        var resolved = RouteTable.Resolve(governor.State, name, version);
        if (resolved is not RouteOutcome.Serves route)
        {
            return Closed(resolved, name);
        }

        OnnxScorer model;
        try
        {
            model = models.Get(route.Version);
        }
        catch (ModelRefusedException e)
        {
            return Unloadable(e);
        }

        var shape = new InferenceShape(model.Signature.Input, model.Signature.FeatureCount, options.Value.MaxInferenceRows);
        var (call, fault) = await ReadAsync(http, shape);
        if (call is null)
        {
            return Problems.Result(fault!.Status, fault.Code, fault.Detail);
        }

        return await service.InferAsync(call, route, caller, http.RequestAborted) switch
        {
            InferenceOutcome.Answered answered => Answers.Ok(Response(name, route, call, answered)),
            InferenceOutcome.Refused { Refusal: var refusal } refused => Problems.Result(
                StatusCodes.Status403Forbidden, "policy-refused", $"{refusal.Message} {refusal.Remediation}",
                [$"{refusal.Rule}: {refusal.Title} ({refusal.Citation}); entry {refused.Index} of the log {GovernanceLogs.InferenceName}"]),
            InferenceOutcome.Failed failed => Problems.Result(failed.Status, failed.Code, failed.Detail),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };
    }

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
            ["receipt"] = new JsonArray([.. answered.LeafHashes.Select(h => JsonValue.Create(h))]),
            ["promotion_index"] = route.Route.Decision,
            ["model_digest"] = route.Version.Submission.Artifact.ToString(),
        },
        Outputs =
        [
            new InferTensor("score", [call.Rows], "FP64", JsonSerializer.SerializeToElement(answered.Scores)),
            new InferTensor("decision", [call.Rows], "BYTES", JsonSerializer.SerializeToElement(answered.Decisions)),
        ],
    };

    private static IResult Unloadable(ModelRefusedException e) => Problems.Result(StatusCodes.Status503ServiceUnavailable, "model-failed", e.Message);

    private static IResult Closed(RouteOutcome outcome, string name) => outcome is RouteOutcome.Closed closed
        ? Problems.Result(StatusCodes.Status409Conflict, closed.Code, closed.Detail)
        : Answers.NoModel(name);
}

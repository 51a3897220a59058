using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Gateway.Hosting;
using Governance.Gateway.Identity;
using Governance.Gateway.Intake;
using Governance.Gateway.Policy;
using Governance.Storage;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/models/{id}/versions</c>: submission, gate, signatures, promotion, suspension.</summary>
internal static class VersionEndpoints
{
    public static void MapVersions(this RouteGroupBuilder api)
    {
        const string Version = "/models/{id}/versions/{number:int}";
        api.MapPost("/models/{id}/versions", SubmitAsync).WithName("SubmitVersion").WithSummary("Submit an ONNX file as the next version")
            .DisableAntiforgery().WithMetadata(new UnlimitedBody()).Accepts<SubmitVersionRequest>("multipart/form-data").Produces<VersionDetails>(201);
        api.MapGet(Version, GetAsync).WithName("GetVersion").WithSummary("A version: evidence, signatures, runs").Produces<VersionDetails>();
        api.MapGet(Version + "/gate", PreviewAsync).WithName("PreviewGate").WithSummary("What the gate would say now; nothing is recorded").Produces<GateDecision>();
        api.MapPost(Version + "/sign-offs", SignOffAsync).WithName("SignOff").WithSummary("Sign a version off, or reject it").Produces<VersionDetails>(201);
        api.MapPost(Version + "/promotions", PromoteAsync).WithName("Promote").WithSummary("Move the route to this version").Produces<PromotionDetails>(201);
        api.MapPost(Version + "/suspension", SuspendAsync).WithName("Suspend").WithSummary("Take a serving version out of service").Produces<VersionDetails>();
        api.MapGet("/evidence/{digest}", Evidence).WithName("GetEvidence").WithSummary("Signed evidence: a DSSE envelope").Produces<Core.Evidence.DsseEnvelope>();
        api.MapGet("/evidence/keys", (IEvidenceSigner signer) => Results.Text(signer.PublicKey + "\n")).WithName("GetEvidenceKeys")
            .WithSummary("Public key that verifies evidence (PEM)").Produces<string>(contentType: "text/plain");
    }

    private static async Task<IResult> SubmitAsync(
        string id, HttpContext http, CommandPath path, ArtifactStore artifacts, ModelIntake intake, Views views, IOptions<GatewayOptions> options)
    {
        if (!http.GetCaller().Is(Role.Developer))
        {
            // Before a large file is read. The decision checks again.
            return Problems.Result(Refusal.Forbidden("role-required", "Developers submit versions."));
        }

        var upload = await Uploads.ReadAsync<SubmitVersionRequest>(http, artifacts, options.Value.MaxModelBytes);
        var request = upload.Metadata;
        var features = request.Features.Count > 0 ? request.Features
            : path.Governor.State.Datasets.TryGetValue(request.EvaluationDataset, out var data) ? data.Features : [];
        var faults = await intake.InspectAsync(upload.File, features, http.RequestAborted);
        if (faults.Count > 0)
        {
            return Problems.Result(StatusCodes.Status422UnprocessableEntity, "model-refused", "The model file is not acceptable and was not loaded.", faults);
        }

        var command = new SubmitVersion(
            id, upload.File, request.Description, features, request.TrainingDataset, request.EvaluationDataset, request.Threshold,
            request.FavourablePrediction, request.ReferenceScore);
        return await path.AnswerAsync(http, command, new { request, file = upload.File }, events =>
        {
            var number = events.Select(e => e.Event).OfType<VersionSubmitted>().Single().Version.Number;
            return Answers.Created($"/api/v1/models/{id}/versions/{number}", Details(path, views, id, number));
        });
    }

    private static async Task<IResult> GetAsync(string id, int number, string? asOf, CommandPath path, Views views, CancellationToken cancellationToken)
    {
        var state = await path.StateAsync(asOf, cancellationToken);
        return state.Version(id, number) is { } version ? Answers.Ok(views.Details(state, version))
            : state.Model(id) is null ? Answers.NoModel(id) : Answers.NoVersion(id, number);
    }

    private static async Task<IResult> PreviewAsync(
        string id, int number, string? gate, string? target, HttpContext http, CommandPath path, PolicyInForce policy, TimeProvider time, CancellationToken cancellationToken)
    {
        var name = gate ?? GateNames.Promote;
        if (name is not (GateNames.Submit or GateNames.Approve or GateNames.Promote or GateNames.Monitor))
        {
            return Problems.Result(Refusal.Invalid("unknown-gate", "The gates of a version are submit, approve, promote and monitor; serve is asked with each request."));
        }

        // Query values bind to enums by their exact C# name; the API's form is camelCase.
        if (!Enum.TryParse(target ?? nameof(PromotionTarget.Champion), ignoreCase: true, out PromotionTarget wanted) || !Enum.IsDefined(wanted))
        {
            return Problems.Result(Refusal.Invalid("unknown-target", "There is no such target of a promotion."));
        }

        var state = path.Governor.State;
        if (state.Version(id, number) is not { } version)
        {
            return Answers.NoVersion(id, number);
        }

        var inForce = await policy.VerifiedGateAsync(cancellationToken);
        PromotionTarget? where = name == GateNames.Promote ? wanted : null;
        var input = GateInput.Build(state, version, name, where, http.GetCaller(), time.GetUtcNow(), inForce);
        return Answers.Ok(inForce.Evaluate(name, input));
    }

    private static async Task<IResult> SignOffAsync(string id, int number, SignOffRequest request, HttpContext http, CommandPath path, Views views)
    {
        if (!RoleNames.TryParse(request.Role, out var role))
        {
            return Problems.Result(Refusal.Invalid("unknown-role", $"There is no such role. Sign as one of: validator, compliance, committee, owner."));
        }

        var command = new SignOffVersion(id, number, role, request.Meaning, request.Comment, request.Binding);
        return await path.AnswerAsync(http, command, request,
            _ => Answers.Created($"/api/v1/models/{id}/versions/{number}", Details(path, views, id, number)));
    }

    private static Task<IResult> PromoteAsync(string id, int number, PromoteRequest request, HttpContext http, CommandPath path, DecisionSource decisions) =>
        path.AnswerAsync(http, new PromoteVersion(id, number, request.Target), request, events =>
        {
            var gate = decisions.Get(events.Select(e => e.Event).Single(e => e is GateDecided or GateEvaluated))
                ?? throw new IOException("The decision's document is gone from the artefact store.");
            var promoted = events.Single(e => e.Event is VersionPromoted);
            var fact = (VersionPromoted)promoted.Event;
            return Answers.Created($"/v2/models/{fact.Route}", new PromotionDetails(fact.Route, number, fact.Replaced, gate, promoted.Position));
        });

    private static Task<IResult> SuspendAsync(string id, int number, SuspendRequest request, HttpContext http, CommandPath path, Views views) =>
        path.AnswerAsync(http, new SuspendVersion(id, number, request.Reason), request, _ => Answers.Ok(Details(path, views, id, number)));

    private static IResult Evidence(string digest, ArtifactStore artifacts, EvidenceSource evidence)
    {
        // Only what opens as evidence is given out: the store holds datasets and models too.
        if (!Digest.TryParse(digest, out var name) || evidence.Get(name) is null || artifacts.Read(name) is not { } envelope)
        {
            return Problems.Result(StatusCodes.Status404NotFound, "evidence-unknown", "There is no verified evidence with this digest.");
        }

        return Results.Bytes(envelope, "application/vnd.in-toto+json");
    }

    private static VersionDetails Details(CommandPath path, Views views, string id, int number)
    {
        var state = path.Governor.State;
        return views.Details(state, state.Version(id, number)!);
    }
}

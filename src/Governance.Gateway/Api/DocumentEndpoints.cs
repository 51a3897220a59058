using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Inventory;
using Governance.Gateway.Hosting;
using Governance.Gateway.Identity;
using Governance.Gateway.Intake;
using Governance.Storage;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/models/{id}/versions/{number}/documents</c>: what people attest and rules ask for.</summary>
internal static class DocumentEndpoints
{
    public static void MapDocuments(this RouteGroupBuilder api)
    {
        const string Documents = "/models/{id}/versions/{number:int}/documents";
        api.MapPost(Documents, AttachAsync).WithName("AttachDocument").WithSummary("Attach a document to a version")
            .DisableAntiforgery().WithMetadata(new UnlimitedBody()).Accepts<AttachDocumentRequest>("multipart/form-data").Produces<VersionDetails>(201);
        api.MapGet(Documents + "/{file}", Get).WithName("GetDocument").WithSummary("A document attached to a version").Produces(200, contentType: "application/octet-stream");
    }

    private static async Task<IResult> AttachAsync(
        string id, int number, HttpContext http, CommandPath path, ArtifactStore artifacts, Views views, IOptions<GatewayOptions> options)
    {
        if (!DocumentKind.All.SelectMany(k => k.AttachedBy).Any(http.GetCaller().Is))
        {
            // Before a large file is read. The decision checks the kind's own roles.
            return Problems.Result(Refusal.Forbidden("role-required", "None of your roles attaches documents."));
        }

        var upload = await Uploads.ReadAsync<AttachDocumentRequest>(http, artifacts, options.Value.MaxDocumentBytes);
        IReadOnlyList<string> covers = [];
        if (upload.Metadata.Kind == DocumentKind.ReasonCatalogue)
        {
            (covers, var faults) = ReasonCatalogueIntake.Read(artifacts.Read(upload.File));
            if (faults.Count > 0)
            {
                return Problems.Result(StatusCodes.Status422UnprocessableEntity, "reason-catalogue-refused", "The reason catalogue is not acceptable.", faults);
            }
        }

        var request = upload.Metadata;
        var command = new AttachDocument(id, number, request.Kind, request.Title, upload.File, request.Expires, covers);
        return await path.AnswerAsync(http, command, new { request, file = upload.File }, _ =>
        {
            var state = path.Governor.State;
            return Answers.Created($"/api/v1/models/{id}/versions/{number}/documents/{upload.File}", views.Details(state, state.Version(id, number)!));
        });
    }

    private static IResult Get(string id, int number, string file, CommandPath path, ArtifactStore artifacts)
    {
        // Only what is attached to this version is given out, and never as something a browser would run.
        return Digest.TryParse(file, out var digest)
            && path.Governor.State.Version(id, number)?.Documents.Values.FirstOrDefault(d => d.File == digest) is { } document
            && artifacts.Read(digest) is { } content
            ? Results.Bytes(content, "application/octet-stream", $"{document.Kind}-{digest.Abbreviated}")
            : Problems.Result(StatusCodes.Status404NotFound, "document-unknown", "No such document is attached to this version.");
    }
}

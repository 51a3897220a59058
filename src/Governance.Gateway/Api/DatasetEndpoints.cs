using Governance.Client.Contracts;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Hosting;
using Governance.Gateway.Identity;
using Governance.Gateway.Intake;
using Governance.Storage;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/datasets</c>.</summary>
internal static class DatasetEndpoints
{
    public static void MapDatasets(this RouteGroupBuilder api)
    {
        api.MapPost("/datasets", RegisterAsync).WithName("RegisterDataset").WithSummary("Register a dataset: schema and CSV")
            .DisableAntiforgery().WithMetadata(new UnlimitedBody()).Accepts<RegisterDatasetRequest>("multipart/form-data").Produces<DatasetDetails>(201);
        api.MapGet("/datasets", List).WithName("ListDatasets").WithSummary("Registered datasets").Produces<Page<DatasetDetails>>();
        api.MapGet("/datasets/{id}", Get).WithName("GetDataset").WithSummary("A dataset").Produces<DatasetDetails>();
    }

    private static async Task<IResult> RegisterAsync(
        HttpContext http, CommandPath path, ArtifactStore artifacts, DatasetIntake intake, IOptions<GatewayOptions> options)
    {
        if (!http.GetCaller().Is(Role.Developer))
        {
            // Before a large file is read. The decision checks again.
            return Problems.Result(Refusal.Forbidden("role-required", "Developers register datasets."));
        }

        var upload = await Uploads.ReadAsync<RegisterDatasetRequest>(http, artifacts, options.Value.MaxDatasetBytes);
        return await intake.ReadAsync(upload.Metadata, upload.File, http.RequestAborted) switch
        {
            DatasetIntake.Outcome.Refused refused => Problems.Result(
                StatusCodes.Status422UnprocessableEntity, "dataset-refused", "The dataset does not agree with its schema; nothing was registered.", refused.Faults),
            DatasetIntake.Outcome.Read read => await path.AnswerAsync(
                http, new RegisterDataset(read.Registration), new { upload.Metadata, upload.File },
                _ => Answers.Created($"/api/v1/datasets/{read.Registration.Id}", new DatasetDetails(path.Governor.State.Datasets[read.Registration.Id]))),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };
    }

    private static IResult List(int? pageSize, string? pageToken, CommandPath path) =>
        Answers.Ok(Paging.Of(pageSize, pageToken).Take(path.Governor.State.Datasets, d => new DatasetDetails(d)));

    private static IResult Get(string id, CommandPath path) => path.Governor.State.Datasets.TryGetValue(id, out var dataset)
        ? Answers.Ok(new DatasetDetails(dataset))
        : Problems.Result(StatusCodes.Status404NotFound, "dataset-unknown", "There is no such dataset. List them with GET /api/v1/datasets.");
}

using Governance.Client.Contracts;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.State;
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
        api.MapPost("/datasets/{id}/parts", AppendAsync).WithName("AppendToDataset").WithSummary("Register a dataset that has the rows of this one and further ones: a CSV of the same schema")
            .DisableAntiforgery().WithMetadata(new UnlimitedBody()).Accepts<AppendToDatasetRequest>("multipart/form-data").Produces<DatasetDetails>(201);
        api.MapGet("/datasets", List).WithName("ListDatasets").WithSummary("Registered datasets").Produces<Page<DatasetDetails>>();
        api.MapGet("/datasets/{id}", Get).WithName("GetDataset").WithSummary("A dataset").Produces<DatasetDetails>();
        api.MapGet("/datasets/{id}/lineage", Lineage).WithName("GetDatasetLineage").WithSummary("A dataset and what it was made from").Produces<DatasetLineageDetails>();
    }

    private static async Task<IResult> RegisterAsync(
        HttpContext http, CommandPath path, ArtifactStore artifacts, DatasetIntake intake, IOptions<GatewayOptions> options)
    {
        if (NotAllowed(http) is { } refused)
        {
            return refused;
        }

        var upload = await Uploads.ReadAsync<RegisterDatasetRequest>(http, artifacts, options.Value.MaxDatasetBytes);
        return await AnswerAsync(http, path, await intake.ReadAsync(upload.Metadata, upload.File, http.RequestAborted), new { upload.Metadata, upload.File });
    }

    private static async Task<IResult> AppendAsync(
        string id, HttpContext http, CommandPath path, ArtifactStore artifacts, DatasetIntake intake, IOptions<GatewayOptions> options)
    {
        if (NotAllowed(http) is { } refused)
        {
            return refused;
        }

        if (!path.Governor.State.Datasets.TryGetValue(id, out var dataset))
        {
            return Unknown();
        }

        var upload = await Uploads.ReadAsync<AppendToDatasetRequest>(http, artifacts, options.Value.MaxDatasetBytes);
        return await AnswerAsync(http, path, await intake.AppendAsync(dataset, upload.Metadata, upload.File, http.RequestAborted), new { id, upload.Metadata, upload.File });
    }

    /// <summary>Before a large file is read. The decision checks again.</summary>
    private static IResult? NotAllowed(HttpContext http) =>
        http.GetCaller().Is(Role.Developer) ? null : Problems.Result(Refusal.Forbidden("role-required", "Developers register datasets."));

    private static async Task<IResult> AnswerAsync(HttpContext http, CommandPath path, DatasetIntake.Outcome outcome, object request) => outcome switch
    {
        DatasetIntake.Outcome.Refused refused => Problems.Result(
            StatusCodes.Status422UnprocessableEntity, "dataset-refused", "The dataset does not agree with its schema; nothing was registered.", refused.Faults),
        DatasetIntake.Outcome.Read read => await path.AnswerAsync(
            http, new RegisterDataset(read.Registration), request,
            _ => Answers.Created($"/api/v1/datasets/{read.Registration.Id}", new DatasetDetails(path.Governor.State.Datasets[read.Registration.Id]))),
        _ => throw new InvalidOperationException("Unknown outcome."),
    };

    private static IResult List(int? pageSize, string? pageToken, CommandPath path) =>
        Answers.Ok(Paging.Of(pageSize, pageToken).Take(path.Governor.State.Datasets, d => new DatasetDetails(d)));

    private static IResult Get(string id, CommandPath path) =>
        path.Governor.State.Datasets.TryGetValue(id, out var dataset) ? Answers.Ok(new DatasetDetails(dataset)) : Unknown();

    private static IResult Lineage(string id, CommandPath path)
    {
        var state = path.Governor.State;
        return state.Datasets.TryGetValue(id, out var dataset) ? Answers.Ok(new DatasetLineageDetails(DatasetLineage.Of(state, dataset))) : Unknown();
    }

    private static IResult Unknown() =>
        Problems.Result(StatusCodes.Status404NotFound, "dataset-unknown", "There is no such dataset. List them with GET /api/v1/datasets.");
}

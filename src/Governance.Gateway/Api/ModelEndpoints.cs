using Governance.Client.Contracts;
using Governance.Core.Commands;
using Governance.Core.Inventory;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/models</c>: the inventory.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this RouteGroupBuilder api)
    {
        api.MapPost("/models", RegisterAsync).WithName("RegisterModel").WithSummary("Register a model").Produces<ModelDetails>(201);
        api.MapGet("/models", List).WithName("ListModels").WithSummary("The inventory").Produces<Page<ModelSummary>>();
        api.MapGet("/models/{id}", GetAsync).WithName("GetModel").WithSummary("A model and its versions, now or as of an instant").Produces<ModelDetails>();
        api.MapPost("/models/{id}/tier", ConfirmTierAsync).WithName("ConfirmTier").WithSummary("Confirm a model's tier").Produces<ModelDetails>();
        api.MapPost("/models/{id}/developers", AddDeveloperAsync).WithName("AddDeveloper").WithSummary("Name a further developer of a model").Produces<ModelDetails>();
    }

    private static Task<IResult> RegisterAsync(ModelRegistration request, HttpContext http, CommandPath path) =>
        path.AnswerAsync(http, new RegisterModel(request), request,
            _ => Answers.Created($"/api/v1/models/{request.Id}", Views.Details(path.Governor.State.Models[request.Id])));

    private static async Task<IResult> List(int? pageSize, string? pageToken, string? asOf, CommandPath path, CancellationToken cancellationToken)
    {
        var state = await path.StateAsync(asOf, cancellationToken);
        return Answers.Ok(Paging.Of(pageSize, pageToken).Take(state.Models, Views.Summary));
    }

    private static async Task<IResult> GetAsync(string id, string? asOf, CommandPath path, CancellationToken cancellationToken)
    {
        var state = await path.StateAsync(asOf, cancellationToken);
        return state.Model(id) is { } model ? Answers.Ok(Views.Details(model)) : Answers.NoModel(id);
    }

    private static Task<IResult> ConfirmTierAsync(string id, ConfirmTierRequest request, HttpContext http, CommandPath path) =>
        path.AnswerAsync(http, new ConfirmTier(id, request.Tier), request, _ => Answers.Ok(Views.Details(path.Governor.State.Models[id])));

    private static Task<IResult> AddDeveloperAsync(string id, AddDeveloperRequest request, HttpContext http, CommandPath path) =>
        path.AnswerAsync(http, new AddDeveloper(id, request.Person), request, _ => Answers.Ok(Views.Details(path.Governor.State.Models[id])));
}

using Governance.Client.Contracts;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Gateway.Erasure;
using Governance.Gateway.Identity;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/erasures</c>: GDPR 17, by several people.</summary>
internal static class ErasureEndpoints
{
    public static void MapErasures(this RouteGroupBuilder api)
    {
        api.MapPost("/erasures", RequestAsync).WithName("RequestErasure").WithSummary("Record a request to erase a data subject").Produces<ErasureDetails>(201);
        api.MapGet("/erasures", List).WithName("ListErasures").WithSummary("Erasure requests").Produces<Page<ErasureDetails>>();
        api.MapGet("/erasures/{id}", Get).WithName("GetErasure").WithSummary("An erasure request").Produces<ErasureDetails>();
        api.MapPost("/erasures/{id}/approvals", ApproveAsync).WithName("ApproveErasure").WithSummary("Approve an erasure").Produces<ErasureDetails>();
        api.MapPost("/erasures/{id}/execution", ExecuteAsync).WithName("ExecuteErasure").WithSummary("Destroy the subject's keys, index rows and ciphertext").Produces<ErasureDetails>();
    }

    private static async Task<IResult> RequestAsync(RequestErasureRequest request, HttpContext http, CommandPath path, SubjectErasure erasure)
    {
        if (!http.GetCaller().Is(Role.Dpo))
        {
            // Before anything is sealed. The decision checks again.
            return Problems.Result(Refusal.Forbidden("role-required", "The DPO's office records erasure requests."));
        }

        if (!Text.IsLine(request.Subject, 256) || !RequestErasure.Grounds.Contains(request.Ground, StringComparer.Ordinal))
        {
            return Problems.Result(Refusal.Invalid("invalid-erasure",
                $"Give the subject (one line of 1 to 256 characters) and a ground: {string.Join(", ", RequestErasure.Grounds)}."));
        }

        var id = Guid.CreateVersion7().ToString("n");
        var command = new RequestErasure(id, request.Ground, "S-" + Guid.NewGuid().ToString("n"), erasure.Remember(id, request.Subject));
        return await path.AnswerAsync(http, command, request, events =>
        {
            var recorded = events.Select(e => e.Event).OfType<ErasureRequested>().Single();
            return Answers.Created($"/api/v1/erasures/{recorded.RequestId}", Details(path, recorded.RequestId));
        });
    }

    private static IResult List(int? pageSize, string? pageToken, CommandPath path) =>
        Answers.Ok(Paging.Of(pageSize, pageToken).Take(path.Governor.State.Erasures, Views.Details));

    private static IResult Get(string id, CommandPath path) =>
        path.Governor.State.Erasures.ContainsKey(id) ? Answers.Ok(Details(path, id)) : NoErasure();

    private static Task<IResult> ApproveAsync(string id, ApproveErasureRequest request, HttpContext http, CommandPath path) =>
        RoleNames.TryParse(request.Role, out var role)
            ? path.AnswerAsync(http, new ApproveErasure(id, role), request, _ => Answers.Ok(Details(path, id)))
            : Task.FromResult(Problems.Result(Refusal.Invalid("unknown-role", "Approve as owner or as compliance.")));

    private static async Task<IResult> ExecuteAsync(string id, HttpContext http, CommandPath path, SubjectErasure erasure)
    {
        if (!http.GetCaller().Is(Role.Dpo))
        {
            return Problems.Result(Refusal.Forbidden("role-required", "The DPO's office starts an approved erasure."));
        }

        if (!path.Governor.State.Erasures.TryGetValue(id, out var request))
        {
            return NoErasure();
        }

        return await erasure.ExecuteAsync(request, http.RequestAborted) is { } refusal ? Problems.Result(refusal) : Answers.Ok(Details(path, id));
    }

    private static ErasureDetails Details(CommandPath path, string id) => Views.Details(path.Governor.State.Erasures[id]);

    private static IResult NoErasure() => Problems.Result(StatusCodes.Status404NotFound, "erasure-unknown", "There is no such erasure request.");
}

using Governance.Client.Contracts;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/waivers</c>: exceptions from one rule, for one version in one environment, for a time.</summary>
internal static class WaiverEndpoints
{
    public static void MapWaivers(this RouteGroupBuilder api)
    {
        api.MapPost("/waivers", RequestAsync).WithName("RequestWaiver").WithSummary("Request a waiver").Produces<WaiverDetails>(201);
        api.MapGet("/waivers", ListAsync).WithName("ListWaivers").WithSummary("Waivers, now or as of an instant").Produces<Page<WaiverDetails>>();
        api.MapGet("/waivers/{id}", Get).WithName("GetWaiver").WithSummary("A waiver and who agreed to it").Produces<WaiverDetails>();
        api.MapPost("/waivers/{id}/approvals", ApproveAsync).WithName("ApproveWaiver").WithSummary("Agree to a waiver; both lines must").Produces<WaiverDetails>();
        api.MapPost("/waivers/{id}/denial", DenyAsync).WithName("DenyWaiver").WithSummary("Refuse a requested waiver").Produces<WaiverDetails>();
        api.MapPost("/waivers/{id}/revocation", RevokeAsync).WithName("RevokeWaiver").WithSummary("Take a waiver back at once").Produces<WaiverDetails>();
        api.MapPost("/waivers/{id}/renewals", RenewAsync).WithName("RenewWaiver").WithSummary("Request that a waiver goes on, approved one level higher").Produces<WaiverDetails>(201);
        api.MapPost("/waivers/{id}/review", ReviewAsync).WithName("ReviewWaiver").WithSummary("Review an emergency waiver after the fact (committee)").Produces<WaiverDetails>();
    }

    private static Task<IResult> RequestAsync(RequestWaiverRequest request, HttpContext http, CommandPath path, TimeProvider time) => path.AnswerAsync(
        http,
        new RequestWaiver(
            request.ModelId, request.Version, request.Rule, request.Target, request.Reason, request.Risk, request.Control, request.Exit, request.Expires,
            request.Emergency),
        request,
        events => Created(path, time, events));

    private static async Task<IResult> ListAsync(
        string? modelId, int? version, string? status, string? rule, string? asOf, int? pageSize, string? pageToken, CommandPath path, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (state, now) = (await path.StateAsync(asOf, cancellationToken), Instants.Parse(asOf) ?? time.GetUtcNow());
        var standing = Words.Parse<WaiverStatus>(nameof(status), status);
        var found = state.Models.Values
            .Where(m => modelId is null || m.Id == modelId)
            .SelectMany(m => m.Waivers.Values)
            .Where(w => (version is null || w.Request.Version == version) && (rule is null || w.Request.Rule == rule)
                && (standing is null || state.StatusOf(w, now) == standing))
            .OrderBy(w => w.Position)
            .Select(w => KeyValuePair.Create(OversightViews.Key(w.Position), w));
        return Answers.Ok(Paging.Of(pageSize, pageToken).Take(found, w => OversightViews.Details(state, w, now)));
    }

    private static IResult Get(string id, CommandPath path, TimeProvider time) => path.Governor.State.Waiver(id) is null
        ? Problems.Result(StatusCodes.Status404NotFound, "waiver-unknown", "There is no such waiver. List them with GET /api/v1/waivers.")
        : Answers.Ok(Details(path, time, id));

    private static Task<IResult> ApproveAsync(string id, ApproveWaiverRequest request, HttpContext http, CommandPath path, TimeProvider time) =>
        RoleNames.TryParse(request.Role, out var role)
            ? path.AnswerAsync(http, new ApproveWaiver(id, role, request.Comment), request, _ => Answers.Ok(Details(path, time, id)))
            : UnknownRole();

    private static Task<IResult> DenyAsync(string id, DenyWaiverRequest request, HttpContext http, CommandPath path, TimeProvider time) =>
        RoleNames.TryParse(request.Role, out var role)
            ? path.AnswerAsync(http, new DenyWaiver(id, role, request.Reason), request, _ => Answers.Ok(Details(path, time, id)))
            : UnknownRole();

    private static Task<IResult> RevokeAsync(string id, RevokeWaiverRequest request, HttpContext http, CommandPath path, TimeProvider time) =>
        path.AnswerAsync(http, new RevokeWaiver(id, request.Reason), request, _ => Answers.Ok(Details(path, time, id)));

    private static Task<IResult> RenewAsync(string id, RenewWaiverRequest request, HttpContext http, CommandPath path, TimeProvider time) =>
        path.AnswerAsync(http, new RenewWaiver(id, request.Reason, request.Expires), request, events => Created(path, time, events));

    private static Task<IResult> ReviewAsync(string id, ReviewWaiverRequest request, HttpContext http, CommandPath path, TimeProvider time) =>
        path.AnswerAsync(http, new ReviewWaiver(id, request.Upheld, request.Comment), request, _ => Answers.Ok(Details(path, time, id)));

    private static IResult Created(CommandPath path, TimeProvider time, IReadOnlyList<RecordedEvent> events)
    {
        var id = events.Select(e => e.Event).OfType<WaiverRequested>().Single().WaiverId;
        return Answers.Created($"/api/v1/waivers/{id}", Details(path, time, id));
    }

    private static Task<IResult> UnknownRole() => Task.FromResult(Problems.Result(
        Refusal.Invalid("unknown-role", "Act as one of: owner, validator, compliance, committee (or dpo, to deny).")));

    private static WaiverDetails Details(CommandPath path, TimeProvider time, string id) =>
        OversightViews.Details(path.Governor.State, path.Governor.State.Waiver(id)!, time.GetUtcNow());
}

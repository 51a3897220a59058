using Governance.Client.Contracts;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Oversight;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/findings</c> and <c>/api/v1/alerts</c>: what is wrong with versions, and who mends it by when.</summary>
internal static class FindingEndpoints
{
    public static void MapFindings(this RouteGroupBuilder api)
    {
        api.MapPost("/findings", RaiseAsync).WithName("RaiseFinding").WithSummary("Raise a finding about a version").Produces<FindingDetails>(201);
        api.MapGet("/findings", ListAsync).WithName("ListFindings").WithSummary("Findings, now or as of an instant").Produces<Page<FindingDetails>>();
        api.MapGet("/findings/{id}", Get).WithName("GetFinding").WithSummary("A finding and what was said about it").Produces<FindingDetails>();
        api.MapPost("/findings/{id}/answers", AnswerAsync).WithName("AnswerFinding").WithSummary("Say what was done about a finding (its owner)").Produces<FindingDetails>();
        api.MapPost("/findings/{id}/closure", CloseAsync).WithName("CloseFinding").WithSummary("Verify that a finding is mended").Produces<FindingDetails>();
        api.MapPost("/findings/{id}/reopening", ReopenAsync).WithName("ReopenFinding").WithSummary("Send an answer back, or open a closed finding again").Produces<FindingDetails>();
        api.MapGet("/alerts", (CommandPath path, TimeProvider time) => Answers.Ok(new Page<Alert>(Alerts.At(path.Governor.State, time.GetUtcNow()), null)))
            .WithName("ListAlerts").WithSummary("What somebody has to look at now, most urgent first").Produces<Page<Alert>>();
    }

    private static Task<IResult> RaiseAsync(RaiseFindingRequest request, HttpContext http, CommandPath path, TimeProvider time) => path.AnswerAsync(
        http,
        new RaiseFinding(
            request.ModelId, request.Version, request.Title, request.Description, request.Severity, request.Owner, request.Due, request.Rule, request.Evidence),
        request,
        events =>
        {
            var id = events.Select(e => e.Event).OfType<FindingRaised>().Single().FindingId;
            return Answers.Created($"/api/v1/findings/{id}", Details(path, time, id));
        });

    private static async Task<IResult> ListAsync(
        string? modelId, int? version, string? status, string? severity, bool? overdue, string? asOf, int? pageSize, string? pageToken,
        CommandPath path, TimeProvider time, CancellationToken cancellationToken)
    {
        var (state, now) = (await path.StateAsync(asOf, cancellationToken), Instants.Parse(asOf) ?? time.GetUtcNow());
        var (standing, weight) = (Words.Parse<FindingStatus>(nameof(status), status), Words.Parse<FindingSeverity>(nameof(severity), severity));
        var found = state.Models.Values
            .Where(m => modelId is null || m.Id == modelId)
            .SelectMany(m => m.Findings.Values)
            .Where(f => (version is null || f.Raised.Version == version) && (standing is null || f.Status == standing)
                && (weight is null || f.Raised.Severity == weight) && (overdue is null || f.OverdueAt(now) == overdue))
            .OrderBy(f => f.Position)
            .Select(f => KeyValuePair.Create(OversightViews.Key(f.Position), f));
        return Answers.Ok(Paging.Of(pageSize, pageToken).Take(found, f => OversightViews.Details(f, now)));
    }

    private static IResult Get(string id, CommandPath path, TimeProvider time) => path.Governor.State.Finding(id) is null
        ? Problems.Result(StatusCodes.Status404NotFound, "finding-unknown", "There is no such finding. List them with GET /api/v1/findings.")
        : Answers.Ok(Details(path, time, id));

    private static Task<IResult> AnswerAsync(string id, AnswerFindingRequest request, HttpContext http, CommandPath path, TimeProvider time) =>
        path.AnswerAsync(http, new AnswerFinding(id, request.Response, request.Evidence), request, _ => Answers.Ok(Details(path, time, id)));

    private static Task<IResult> CloseAsync(string id, CloseFindingRequest request, HttpContext http, CommandPath path, TimeProvider time) =>
        RoleNames.TryParse(request.Role, out var role)
            ? path.AnswerAsync(http, new CloseFinding(id, role, request.Verification), request, _ => Answers.Ok(Details(path, time, id)))
            : Task.FromResult(Problems.Result(Refusal.Invalid("unknown-role", "Close as one of: validator, compliance, committee.")));

    private static Task<IResult> ReopenAsync(string id, ReopenFindingRequest request, HttpContext http, CommandPath path, TimeProvider time) =>
        path.AnswerAsync(http, new ReopenFinding(id, request.Reason, request.Due), request, _ => Answers.Ok(Details(path, time, id)));

    private static FindingDetails Details(CommandPath path, TimeProvider time, string id) =>
        OversightViews.Details(path.Governor.State.Finding(id)!, time.GetUtcNow());
}

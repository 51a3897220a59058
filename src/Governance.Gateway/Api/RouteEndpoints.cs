using Governance.Client.Contracts;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Serving;
using Governance.Core.State;
using Governance.Gateway.Exports;
using Governance.Gateway.Inference;
using Governance.Serving.Routing;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/routes</c>: who answers each route and how; canaries, shadows, the pin and the kill switch.</summary>
internal static class RouteEndpoints
{
    public static void MapRoutes(this RouteGroupBuilder api)
    {
        const string Route = "/routes/{name}";
        api.MapGet("/routes", ListAsync).WithName("ListRoutes").WithSummary("Routes, now or as of an instant").Produces<Page<RouteDetails>>();
        api.MapGet(Route, GetAsync).WithName("GetRoute").WithSummary("A route: who answers it, and how").Produces<RouteDetails>();
        api.MapPost(Route + "/settings", (string name, RouteSettings request, HttpContext http, CommandPath path, UpstreamNames upstreams, PayloadExports exports) =>
                (Lacking(upstreams, request) ?? exports.Lacks(request.Export?.Sink)) is { } lacking ? Task.FromResult(Problems.Result(lacking))
                : AnswerAsync(name, new ConfigureRoute(name, request), request, http, path))
            .WithName("ConfigureRoute").WithSummary("Set how a route answers (its owner)").Produces<RouteDetails>();
        api.MapPost(Route + "/canary", (string name, CanaryRequest request, HttpContext http, CommandPath path) =>
                AnswerAsync(name, new StartCanary(name, request.Version, request.Target, request.Percent), request, http, path))
            .WithName("StartCanary").WithSummary("Let a version answer a part of the subjects, or change its share").Produces<RouteDetails>();
        api.MapPost(Route + "/canary/end", (string name, RouteReasonRequest request, HttpContext http, CommandPath path) =>
                AnswerAsync(name, new StopCanary(name, request.Reason), request, http, path))
            .WithName("StopCanary").WithSummary("Take the canary back: the champion answers all").Produces<RouteDetails>();
        api.MapPost(Route + "/stop", (string name, RouteReasonRequest request, HttpContext http, CommandPath path) =>
                AnswerAsync(name, new StopRoute(name, request.Reason), request, http, path))
            .WithName("StopRoute").WithSummary("Stop a route at once: nothing answers").Produces<RouteDetails>();
        api.MapPost(Route + "/start", (string name, RouteReasonRequest request, HttpContext http, CommandPath path) =>
                AnswerAsync(name, new StartRoute(name, request.Reason), request, http, path))
            .WithName("StartRoute").WithSummary("Let a stopped route answer again (its owner)").Produces<RouteDetails>();
    }

    private static Refusal? Lacking(UpstreamNames upstreams, RouteSettings settings) =>
        (settings.Pipeline?.Members ?? []).Select(m => m?.Upstream).Prepend(settings.Upstream).Select(upstreams.Lacks).FirstOrDefault(r => r is not null);

    private static async Task<IResult> ListAsync(string? asOf, int? pageSize, string? pageToken, CommandPath path, CancellationToken cancellationToken)
    {
        var state = await path.StateAsync(asOf, cancellationToken);
        return Answers.Ok(Paging.Of(pageSize, pageToken).Take(
            state.Models.Keys.Select(name => KeyValuePair.Create(name, name)), name => Details(state, name)));
    }

    private static async Task<IResult> GetAsync(string name, string? asOf, CommandPath path, CancellationToken cancellationToken)
    {
        var state = await path.StateAsync(asOf, cancellationToken);
        return state.Model(name) is null ? Answers.NoModel(name) : Answers.Ok(Details(state, name));
    }

    private static Task<IResult> AnswerAsync<T>(string name, Command command, T request, HttpContext http, CommandPath path) =>
        path.AnswerAsync(http, command, request, _ => Answers.Ok(Details(path.Governor.State, name)));

    /// <summary>A route of a model that exists, as the API and the portal show it.</summary>
    public static RouteDetails Details(GovernanceState state, string name)
    {
        var route = state.Routes.GetValueOrDefault(name);
        var closed = RouteTable.Resolve(state, name) as RouteOutcome.Closed;
        return new RouteDetails(name, route?.Version, closed is null, closed?.Code, closed?.Detail, route?.Since, route?.Decision, state.SettingsOf(name));
    }
}

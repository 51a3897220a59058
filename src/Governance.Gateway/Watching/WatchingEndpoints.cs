using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Api;
using Governance.Gateway.Hosting;
using Governance.Gateway.Identity;
using Governance.Serving;
using Governance.Serving.Recording;
using Governance.Serving.Watching;

namespace Governance.Gateway.Watching;

/// <summary><c>/api/v1/routes/{name}/live</c> and <c>/outcomes</c>: what a route does now, and what became of what it did.</summary>
internal static class WatchingEndpoints
{
    private const int MostOutcomes = 10_000;

    public static void AddWatching(this IServiceCollection services)
    {
        services.AddSingleton<LiveWatch>();
        services.AddSingleton<IInferenceObserver>(p => new MeteredWatch(p.GetRequiredService<LiveWatch>(), p.GetRequiredService<InferenceMeter>()));
        services.AddSingleton(p => new OutcomeBook(
            p.GetRequiredService<DataFolder>(), p.GetRequiredService<DecisionArchive>(), p.GetRequiredService<GovernanceLogs>().Inference.Log.Reader));
        services.AddSingleton<ProfileMaker>();
        services.AddSingleton<LimitsInForce>();
        services.AddSingleton<AlertBook>();
        services.AddSingleton(p => new LiveViews(
            p.GetRequiredService<LiveWatch>(), p.GetRequiredService<OutcomeBook>(), p.GetRequiredService<Governor>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RouteWatching>();
        services.AddHostedService(p => p.GetRequiredService<RouteWatching>());
    }

    public static void MapWatching(this RouteGroupBuilder api)
    {
        api.MapGet("/routes/{name}/live", Live).WithName("GetLiveRoute").WithSummary("Live traffic, drift and outcomes of a route").Produces<LiveRoute>();
        api.MapPost("/routes/{name}/outcomes", Report).WithName("ReportOutcomes").WithSummary("Report what became of decisions").Produces<OutcomesReceived>();
    }

    private static IResult Live(string name, int? minutes, LiveViews views) =>
        minutes is < 1 or > LiveViews.MostMinutes
            ? Problems.Result(StatusCodes.Status422UnprocessableEntity, "invalid-window", $"minutes: 1 to {LiveViews.MostMinutes}.")
            : views.Of(name, minutes ?? 60) is { } live ? Answers.Ok(live) : Answers.NoModel(name);

    private static IResult Report(string name, ReportOutcomesRequest request, HttpContext http, Governor governor, OutcomeBook outcomes)
    {
        if (!http.GetCaller().Is(Role.Client))
        {
            return Problems.Result(StatusCodes.Status403Forbidden, "role-required", "Applications with the role client report outcomes.");
        }

        if (governor.State.Model(name) is null)
        {
            return Answers.NoModel(name);
        }

        if (request.Outcomes.Count is 0 or > MostOutcomes || request.Outcomes.Any(o => o.Label is not (0 or 1)))
        {
            return Problems.Result(StatusCodes.Status422UnprocessableEntity, "invalid-outcomes", $"outcomes: 1 to {MostOutcomes}, each with a label of 0 or 1.");
        }

        var receipt = outcomes.Report(name, [.. request.Outcomes.Select(o => new Outcome(o.Decision, o.Label))]);
        return Answers.Ok(new OutcomesReceived(receipt.Accepted, receipt.Repeated, receipt.Unknown));
    }
}

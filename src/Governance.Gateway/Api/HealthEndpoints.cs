using Governance.Gateway.Hosting;

namespace Governance.Gateway.Api;

/// <summary><c>/health/live</c>: the process runs. <c>/health/ready</c>: it can record, so it may be sent work.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Json(new { status = "live" })).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/health/ready", (GovernanceLogs logs) => logs.All.FirstOrDefault(l => l.Log.Failure is not null) is { } failed
            ? Problems.Result(StatusCodes.Status503ServiceUnavailable, "ledger-unavailable", $"The {failed.Name} log takes no entries. An operator must look at its storage. Start the gateway again when it can be written.")
            : Results.Json(new { status = "ready" })).AllowAnonymous().ExcludeFromDescription();
    }
}

using Governance.Gateway.Hosting;
using Governance.Ledger;

namespace Governance.Gateway.Api;

/// <summary><c>/health/live</c>: the process runs. <c>/health/ready</c>: it can record, so it may be sent work.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Json(new { status = "live" })).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/health/ready", (GovernanceLogs logs, PayloadStore payloads) => Failed(logs, payloads) is { } what
            ? Problems.Result(StatusCodes.Status503ServiceUnavailable, "ledger-unavailable", $"{what} takes no entries. An operator must look at its storage. Start the gateway again when it can be written.")
            : Results.Json(new { status = "ready" })).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>The first storage that failed: what it ends with is read at a start only, so it stays failed.</summary>
    private static string? Failed(GovernanceLogs logs, PayloadStore payloads) =>
        logs.All.FirstOrDefault(l => l.Log.Failure is not null) is { } failed ? $"The {failed.Name} log"
        : payloads.Failure is not null ? "The payload store"
        : null;
}

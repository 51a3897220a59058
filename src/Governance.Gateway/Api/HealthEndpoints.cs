using Governance.Gateway.Hosting;
using Governance.Ledger;

namespace Governance.Gateway.Api;

/// <summary><c>/health/live</c>: the process runs. <c>/health/ready</c>: it can record, so it may be sent work.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Json(new { status = "live" })).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/health/ready", (GovernanceLogs logs, PayloadStore payloads, LogFreshness freshness) => Failed(logs, payloads) is { } why
            ? Problems.Result(StatusCodes.Status503ServiceUnavailable, "ledger-unavailable", why)
            : freshness.IsStale
            ? Problems.Result(StatusCodes.Status503ServiceUnavailable, LogFreshness.Code, LogFreshness.Detail)
            : Results.Json(new { status = "ready" })).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>What is said of the first storage that failed.</summary>
    private static string? Failed(GovernanceLogs logs, PayloadStore payloads) =>
        logs.All.FirstOrDefault(l => l.Log.NeedsOperator) is { } damaged
            ? $"The {damaged.Name} log takes no entries: what is stored is not what was acknowledged. An operator must look: gov ledger fsck on a copy of its folder."
        : logs.All.FirstOrDefault(l => l.Log.Failure is not null) is { } failed ? Passing($"The {failed.Name} log")
        : payloads.Failure is not null ? Passing("The payload store")
        : null;

    private static string Passing(string what) =>
        $"{what} takes no entries: its storage refuses. It goes on by itself when the storage can be written, at the latest half a minute after.";
}

using System.Diagnostics;
using Governance.Client.Contracts;
using Governance.Gateway.Hosting;
using Governance.Gateway.Policy;
using Governance.Ledger;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/ledger/logs</c>: checkpoints, entries, proofs and verification of the logs.</summary>
internal static class LedgerEndpoints
{
    public static void MapLedger(this RouteGroupBuilder api)
    {
        const string Log = "/ledger/logs/{name}";
        api.MapGet("/ledger/logs", List).WithName("ListLogs").WithSummary("The logs and their checkpoints").Produces<IReadOnlyList<LogDetails>>();
        api.MapGet(Log + "/checkpoint", Checkpoint).WithName("GetCheckpoint").WithSummary("The newest signed checkpoint (C2SP)").Produces<string>(contentType: "text/plain");
        api.MapGet(Log + "/keys", Keys).WithName("GetLogKeys").WithSummary("Public keys that verify the checkpoints").Produces<string>(contentType: "text/plain");
        api.MapGet(Log + "/entries", Entries).WithName("ListEntries").WithSummary("Entries, oldest or newest first").Produces<Page<LogEntry>>();
        api.MapGet(Log + "/proofs/{index:long}", Proof).WithName("GetProof").WithSummary("Offline receipt of an entry (c2sp.org/tlog-proof)").Produces<string>(contentType: "text/plain");
        api.MapPost(Log + "/verification", VerifyAsync).WithName("VerifyLog").WithSummary("Verify the log's files against its checkpoint, from the first entry").Produces<VerificationDetails>();
    }

    private static IResult List(GovernanceLogs logs) => Answers.Ok(logs.All.Select(LogViews.Details).ToList());

    private static IResult Checkpoint(string name, GovernanceLogs logs) =>
        logs.Find(name) is { } log ? Results.Text(log.Log.PublishCheckpoint().ToString()) : NoLog();

    private static IResult Keys(string name, GovernanceLogs logs) =>
        logs.Find(name) is { } log ? Results.Text(File.ReadAllText(Path.Combine(log.Folder, "keys"))) : NoLog();

    private static IResult Entries(string name, int? pageSize, string? pageToken, string? order, GovernanceLogs logs)
    {
        if (logs.Find(name) is not { } log)
        {
            return NoLog();
        }

        if (order is not (null or "asc" or "desc"))
        {
            throw new RequestFaultException("order is asc or desc.");
        }

        var (positions, next) = Paging.Of(pageSize, pageToken).Range(log.Log.Size, descending: order == "desc");
        return Answers.Ok(new Page<LogEntry>([.. positions.Select(p => LogEntries.Read(log.Log.Reader, p))], next));
    }

    private static IResult Proof(string name, long index, GovernanceLogs logs)
    {
        if (logs.Find(name) is not { } log)
        {
            return NoLog();
        }

        if (index < 0 || index >= log.Log.Size)
        {
            return Problems.Result(StatusCodes.Status404NotFound, "entry-unknown", $"The log has no entry {index}.");
        }

        // A receipt is asked for soon after the answer: sign a checkpoint that covers it rather than send the caller away.
        log.Log.PublishCheckpoint();
        return log.Log.Reader.Receipt(index) is { } receipt
            ? Results.Text(receipt.ToString())
            : Problems.Result(StatusCodes.Status409Conflict, "not-yet-checkpointed", "No checkpoint covers this entry yet. Ask again in a second.");
    }

    private static async Task<IResult> VerifyAsync(string name, GovernanceLogs logs, LogAuditor auditor, CancellationToken cancellationToken)
    {
        if (logs.Find(name) is not { } log)
        {
            return NoLog();
        }

        var started = Stopwatch.GetTimestamp();
        var report = await auditor.VerifyAsync(log, cancellationToken);
        return Answers.Ok(LogViews.Verification(log, report, Stopwatch.GetElapsedTime(started)));
    }

    private static IResult NoLog() =>
        Problems.Result(StatusCodes.Status404NotFound, "log-unknown", "There is no such log. List them with GET /api/v1/ledger/logs.");
}

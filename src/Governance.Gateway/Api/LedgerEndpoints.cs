using System.Diagnostics;
using System.IO.Compression;
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
        api.MapGet(Log + "/tile/{**path}", TileAsync).WithName("GetTile").WithSummary("Tiles and entry bundles (C2SP tlog-tiles): the log's prefix ends before tile/").Produces<byte[]>(contentType: "application/octet-stream");
        api.MapGet(Log + "/keys", Keys).WithName("GetLogKeys").WithSummary("Public keys that verify the checkpoints").Produces<string>(contentType: "text/plain");
        api.MapGet(Log + "/entries", Entries).WithName("ListEntries").WithSummary("Entries, oldest or newest first").Produces<Page<LogEntry>>();
        api.MapGet(Log + "/entries/{index:long}", Entry).WithName("GetEntry").WithSummary("One entry").Produces<LogEntry>();
        api.MapGet(Log + "/proofs/{index:long}", Proof).WithName("GetProof").WithSummary("Offline receipt of an entry (c2sp.org/tlog-proof)").Produces<string>(contentType: "text/plain");
        api.MapPost(Log + "/verification", VerifyAsync).WithName("VerifyLog").WithSummary("Verify the log's files against its checkpoint, from the first entry").Produces<VerificationDetails>();
    }

    private static IResult List(GovernanceLogs logs) => Answers.Ok(logs.All.Select(LogViews.Details).ToList());

    private static IResult Checkpoint(string name, HttpContext http, GovernanceLogs logs)
    {
        if (logs.Find(name) is not { } log)
        {
            return NoLog();
        }

        var newest = log.Log.PublishCheckpoint();
        http.Response.Headers.CacheControl = "no-cache";
        return Results.Text((log.Log.Reader.Witnessed ?? newest).ToString());
    }

    /// <summary>Immutable, but behind a token: the caller may keep it for ever, what lies between may not.</summary>
    private static async Task<IResult> TileAsync(string name, string? path, HttpContext http, GovernanceLogs logs)
    {
        if (logs.Find(name) is not { } log)
        {
            return NoLog();
        }

        if (new TileView(log.Log.Reader).Get("tile/" + path) is not { } bytes)
        {
            return Problems.Result(StatusCodes.Status404NotFound, "tile-unknown", "The log has no such tile at its checkpoint's size.");
        }

        var headers = http.Response.Headers;
        headers.CacheControl = "private, max-age=31536000, immutable";
        headers.XContentTypeOptions = "nosniff";
        http.Response.ContentType = "application/octet-stream";
        if (path!.StartsWith("entries/", StringComparison.Ordinal))
        {
            headers.Vary = "Accept-Encoding";
            if (TakesGzip(http.Request))
            {
                headers.ContentEncoding = "gzip";
                bytes = Packed(bytes);
            }
        }

        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
        return Results.Empty;
    }

    private static bool TakesGzip(HttpRequest request) => request.GetTypedHeaders().AcceptEncoding.Any(e => e.Value == "gzip" && e.Quality is null or > 0);

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

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

    private static IResult Entry(string name, long index, GovernanceLogs logs) => logs.Find(name) is not { } log ? NoLog()
        : index < 0 || index >= log.Log.Size ? NoEntry(index)
        : Answers.Ok(LogEntries.Read(log.Log.Reader, index));

    private static IResult Proof(string name, long index, GovernanceLogs logs)
    {
        if (logs.Find(name) is not { } log)
        {
            return NoLog();
        }

        if (index < 0 || index >= log.Log.Size)
        {
            return NoEntry(index);
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

    private static IResult NoEntry(long index) => Problems.Result(StatusCodes.Status404NotFound, "entry-unknown", $"The log has no entry {index}.");

    private static IResult NoLog() =>
        Problems.Result(StatusCodes.Status404NotFound, "log-unknown", "There is no such log. List them with GET /api/v1/ledger/logs.");
}

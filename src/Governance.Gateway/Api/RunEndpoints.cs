using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Evidence;
using Governance.Gateway.Runs;
using Governance.Storage;
using Microsoft.AspNetCore.Mvc;

namespace Governance.Gateway.Api;

/// <summary>Check runs: started on a version, watched by id.</summary>
internal static class RunEndpoints
{
    public static void MapRuns(this RouteGroupBuilder api)
    {
        api.MapPost("/models/{id}/versions/{number:int}/runs", StartAsync).WithName("StartRun").WithSummary("Run checks on a version").Produces<RunDetails>(202);
        api.MapGet("/runs/{runId}", Get).WithName("GetRun").WithSummary("A run and its progress").Produces<RunDetails>();
        api.MapPost("/runs/{runId}/cancel", CancelAsync).WithName("CancelRun").WithSummary("Stop a run; what it recorded stays").Produces<RunDetails>();
        api.MapGet("/runs/{runId}/explanation", Explain).WithName("ExplainRun").WithSummary("What a run's shards computed, and what was there before").Produces<RunExplanation>();
        api.MapGet("/runs/{runId}/shards/{shard:int}/log", LogAsync).WithName("GetShardLog").WithSummary("The end of what a shard wrote").Produces<string>(contentType: "text/plain");
        api.MapGet("/runs/{runId}/events", Events).WithName("WatchRun").WithSummary("A run's progress as server-sent events, until it ends")
            .Produces<RunDetails>(contentType: "text/event-stream");
        api.MapPost("/evidence/{digest}/reproduction", ReproduceAsync).WithName("Reproduce").WithSummary("Compute evidence again, on this or another engine, and compare").Produces<RunDetails>(202);
        api.MapGet("/evidence/{digest}/reproduction", GetReproduction).WithName("GetReproduction").WithSummary("How evidence compares with a second computation").Produces<ReproductionDetails>();
    }

    private static async Task<IResult> StartAsync(
        string id, int number, StartRunRequest request, HttpContext http, CommandPath path, RunStarter starter, RunSettingsReader reader, RunBook book, CancellationToken cancellationToken)
    {
        var (settings, refused) = await reader.ReadAsync(request, (await path.StateAsync(asOf: null, cancellationToken)).Version(id, number), cancellationToken);
        return await AcceptAsync(
            refused is null ? starter.Command(id, number, request.Checks, request.Seed, request.NoCache, settings, request.ToOptions()) : (null, refused), request, http, path, starter, book);
    }

    private static async Task<IResult> AcceptAsync<TRequest>(
        (StartCheckRun? Command, Refusal? Refusal) start, TRequest request, HttpContext http, CommandPath path, RunStarter starter, RunBook book) =>
        start.Command is not { } command
            ? Problems.Result(start.Refusal!)
            : await path.AnswerAsync(http, command, request, events =>
            {
                var runId = starter.Enqueue(events);
                return Answers.AcceptedAt($"/api/v1/runs/{runId}", book.Find(runId)!);
            });

    private static async Task<IResult> ReproduceAsync(string digest, ReproduceRequest request, HttpContext http, CommandPath path, RunStarter starter, RunBook book) =>
        Digest.TryParse(digest, out var envelope)
            ? await AcceptAsync(starter.Reproduction(envelope, request.Engine), request, http, path, starter, book)
            : NoReproduction();

    private static IResult GetReproduction(string digest, CommandPath path, ArtifactStore artifacts, IEvidenceSigner signer) =>
        Digest.TryParse(digest, out var envelope)
        && path.Governor.State.Models.Values.SelectMany(m => m.Versions.Values).Select(v => v.Reproductions.GetValueOrDefault(envelope)).FirstOrDefault(r => r is not null) is { } known
        && artifacts.Read(known.Comparison) is { } bytes && ReproductionEnvelope.Open(bytes, envelope, signer) is { } comparison
            ? Answers.Ok(new ReproductionDetails(
                envelope, comparison.Check, known.Comparison, comparison.Same, comparison.Tolerance, known.Engine, known.Platform, comparison.OriginalRun.Engine, known.Time,
                known.Position, comparison.Differences))
            : NoReproduction();

    private static IResult NoReproduction() => Problems.Result(StatusCodes.Status404NotFound, "reproduction-unknown", "There is no comparison of such evidence.");

    private static async Task<IResult> CancelAsync(string runId, HttpContext http, CommandPath path, RunProgressBoard board, RunBook book)
    {
        if (book.Find(runId) is not { } run)
        {
            return Unknown();
        }

        return await path.AnswerAsync(http, new CancelCheckRun(run.ModelId, run.Version, runId), runId, _ =>
        {
            board.Cancel(runId);
            return Answers.Ok(book.Find(runId)!);
        });
    }

    private static IResult Explain(string runId, RunBook book, RunExplainer explainer) =>
        book.Of(runId)?.Run is not { } run ? Unknown()
        : explainer.Explain(run) is { } explanation ? Answers.Ok(explanation)
        : Problems.Result(StatusCodes.Status404NotFound, "run-unexplained", "Nothing is kept of how the run was computed: it waits still, or the jobs folder was cleared.");

    private static async Task<IResult> LogAsync(string runId, int shard, RunBook book, RunExplainer explainer, CancellationToken cancellationToken) =>
        book.Of(runId)?.Run is not { } run ? Unknown()
        : await explainer.LogAsync(run, shard, cancellationToken) is { } text ? TypedResults.Text(text)
        : Problems.Result(StatusCodes.Status404NotFound, "shard-unknown", "The run has no such shard.");

    private static IResult Unknown() => Problems.Result(StatusCodes.Status404NotFound, "run-unknown", "There is no such run.");

    private static IResult Get(string runId, RunBook book) => book.Find(runId) is { } run ? Answers.Ok(run) : Unknown();

    private static IResult Events(string runId, [FromHeader(Name = "Last-Event-ID")] string? lastEventId, RunBook book, CancellationToken cancellationToken) =>
        book.Of(runId) is null ? Unknown() : TypedResults.ServerSentEvents(book.WatchAsync(runId, lastEventId, cancellationToken));
}

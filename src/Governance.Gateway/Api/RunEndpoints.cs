using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Evidence;
using Governance.Core.Inventory;
using Governance.Core.State;
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
        string id, int number, StartRunRequest request, HttpContext http, CommandPath path, RunStarter starter, Views views)
    {
        var options = new RunOptions
        {
            Parameters = request.Parameters is { Count: > 0 } ? request.Parameters : null,
            Priority = request.Priority == RunPriority.Normal ? null : request.Priority,
            Deadline = request.Deadline?.ToUniversalTime(),
            Engine = request.Engine,
        };
        return await StartAsync(starter.Command(id, number, request.Checks, request.Seed, request.NoCache, options), request, http, path, starter, views);
    }

    private static async Task<IResult> StartAsync<TRequest>(
        (StartCheckRun? Command, Refusal? Refusal) start, TRequest request, HttpContext http, CommandPath path, RunStarter starter, Views views) =>
        start.Command is not { } command
            ? Problems.Result(start.Refusal!)
            : await path.AnswerAsync(http, command, request, events =>
            {
                var runId = starter.Enqueue(events);
                return Answers.AcceptedAt($"/api/v1/runs/{runId}", Find(path, views, runId)!);
            });

    private static async Task<IResult> ReproduceAsync(string digest, ReproduceRequest request, HttpContext http, CommandPath path, RunStarter starter, Views views) =>
        Digest.TryParse(digest, out var envelope)
            ? await StartAsync(starter.Reproduction(envelope, request.Engine), request, http, path, starter, views)
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

    private static async Task<IResult> CancelAsync(string runId, HttpContext http, CommandPath path, RunProgressBoard board, Views views)
    {
        if (Find(path, views, runId) is not { } run)
        {
            return Unknown();
        }

        return await path.AnswerAsync(http, new CancelCheckRun(run.ModelId, run.Version, runId), runId, _ =>
        {
            board.Cancel(runId);
            return Answers.Ok(Find(path, views, runId)!);
        });
    }

    private static IResult Explain(string runId, CommandPath path, RunExplainer explainer) =>
        RunOf(path, runId)?.Run is not { } run ? Unknown()
        : explainer.Explain(run) is { } explanation ? Answers.Ok(explanation)
        : Problems.Result(StatusCodes.Status404NotFound, "run-unexplained", "Nothing is kept of how the run was computed: it waits still, or the jobs folder was cleared.");

    private static async Task<IResult> LogAsync(string runId, int shard, CommandPath path, RunExplainer explainer, CancellationToken cancellationToken) =>
        RunOf(path, runId)?.Run is not { } run ? Unknown()
        : await explainer.LogAsync(run, shard, cancellationToken) is { } text ? TypedResults.Text(text)
        : Problems.Result(StatusCodes.Status404NotFound, "shard-unknown", "The run has no such shard.");

    private static IResult Unknown() => Problems.Result(StatusCodes.Status404NotFound, "run-unknown", "There is no such run.");

    private static IResult Get(string runId, CommandPath path, Views views) => Find(path, views, runId) is { } run ? Answers.Ok(run) : Unknown();

    /// <summary>Each event is the whole state and has its digest as id: who comes back with the last one is sent what has changed since.</summary>
    private static IResult Events(
        string runId, [FromHeader(Name = "Last-Event-ID")] string? lastEventId, CommandPath path, Views views, TimeProvider time, CancellationToken cancellationToken) =>
        Find(path, views, runId) is null
            ? Unknown()
            : TypedResults.ServerSentEvents(WatchAsync(runId, lastEventId, path, views, time, cancellationToken));

    private static async IAsyncEnumerable<SseItem<string>> WatchAsync(
        string runId, string? seen, CommandPath path, Views views, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200), time);
        RunDetails? last = null;
        do
        {
            var run = Find(path, views, runId)!;
            if (!ReferenceEquals(run, last))
            {
                var json = GovernanceJson.Serialize(run);
                var id = Digest.Of(json).Hex[..16];
                if (id != seen)
                {
                    yield return new SseItem<string>(Encoding.UTF8.GetString(json), "run") { EventId = id };
                    seen = id;
                }
            }

            if (run.Status is not (RunStatus.Queued or RunStatus.Running))
            {
                yield break;
            }

            last = run;
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private static RunDetails? Find(CommandPath path, Views views, string runId) => RunOf(path, runId) is { } found ? views.Run(found.Version, found.Run) : null;

    private static (VersionState Version, RunState Run)? RunOf(CommandPath path, string runId)
    {
        foreach (var version in path.Governor.State.Models.Values.SelectMany(m => m.Versions.Values))
        {
            if (version.Runs.FirstOrDefault(r => r.Id == runId) is { } run)
            {
                return (version, run);
            }
        }

        return null;
    }
}

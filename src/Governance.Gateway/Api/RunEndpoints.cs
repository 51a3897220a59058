using System.Runtime.CompilerServices;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Gateway.Runs;

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
    }

    private static async Task<IResult> StartAsync(
        string id, int number, StartRunRequest request, HttpContext http, CommandPath path, RunStarter starter, RunSettingsReader reader, Views views, CancellationToken cancellationToken)
    {
        var (settings, refused) = await reader.ReadAsync(request, (await path.StateAsync(asOf: null, cancellationToken)).Version(id, number), cancellationToken);
        if (refused is not null)
        {
            return Problems.Result(refused);
        }

        var (command, refusal) = RunStarter.Command(id, number, request.Checks, request.Seed, request.NoCache, settings);
        return command is null
            ? Problems.Result(refusal!)
            : await path.AnswerAsync(http, command, request, events =>
            {
                var runId = starter.Enqueue(events);
                return Answers.AcceptedAt($"/api/v1/runs/{runId}", Find(path, views, runId)!);
            });
    }

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

    private static IResult Explain(string runId, CommandPath path, Views views, RunExplainer explainer) =>
        Find(path, views, runId) is null ? Unknown()
        : explainer.Explain(runId) is { } explanation ? Answers.Ok(explanation)
        : Problems.Result(StatusCodes.Status404NotFound, "run-unexplained", "Nothing is kept of how the run was computed: it waits still, or the jobs folder was cleared.");

    private static async Task<IResult> LogAsync(string runId, int shard, CommandPath path, Views views, RunExplainer explainer, CancellationToken cancellationToken) =>
        Find(path, views, runId) is null ? Unknown()
        : await explainer.LogAsync(runId, shard, cancellationToken) is { } text ? TypedResults.Text(text)
        : Problems.Result(StatusCodes.Status404NotFound, "shard-unknown", "The run has no such shard.");

    private static IResult Unknown() => Problems.Result(StatusCodes.Status404NotFound, "run-unknown", "There is no such run.");

    private static IResult Get(string runId, CommandPath path, Views views) => Find(path, views, runId) is { } run ? Answers.Ok(run) : Unknown();

    private static IResult Events(string runId, CommandPath path, Views views, TimeProvider time, CancellationToken cancellationToken) =>
        Find(path, views, runId) is null
            ? Unknown()
            : TypedResults.ServerSentEvents(WatchAsync(runId, path, views, time, cancellationToken), eventType: "run");

    private static async IAsyncEnumerable<string> WatchAsync(
        string runId, CommandPath path, Views views, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200), time);
        RunDetails? last = null;
        do
        {
            var run = Find(path, views, runId)!;
            if (!ReferenceEquals(run, last))
            {
                yield return System.Text.Encoding.UTF8.GetString(GovernanceJson.Serialize(run));
            }

            if (run.Status is not (RunStatus.Queued or RunStatus.Running))
            {
                yield break;
            }

            last = run;
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private static RunDetails? Find(CommandPath path, Views views, string runId)
    {
        foreach (var version in path.Governor.State.Models.Values.SelectMany(m => m.Versions.Values))
        {
            if (version.Runs.FirstOrDefault(r => r.Id == runId) is { } run)
            {
                return views.Run(version, run);
            }
        }

        return null;
    }
}

using System.Runtime.CompilerServices;
using Governance.Checks;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Gateway.Runs;

namespace Governance.Gateway.Api;

/// <summary>Check runs: started on a version, watched by id.</summary>
internal static class RunEndpoints
{
    public static void MapRuns(this RouteGroupBuilder api)
    {
        api.MapPost("/models/{id}/versions/{number:int}/runs", StartAsync).WithName("StartRun").WithSummary("Run checks on a version").Produces<RunDetails>(202);
        api.MapGet("/runs/{runId}", Get).WithName("GetRun").WithSummary("A run and its progress").Produces<RunDetails>();
        api.MapGet("/runs/{runId}/events", Events).WithName("WatchRun").WithSummary("A run's progress as server-sent events, until it ends")
            .Produces<RunDetails>(contentType: "text/event-stream");
    }

    private static async Task<IResult> StartAsync(
        string id, int number, StartRunRequest request, HttpContext http, CommandPath path, RunQueue queue, Views views)
    {
        var wanted = request.Checks is { Count: > 0 } named ? named : [.. CheckCatalogue.All.Select(c => c.Descriptor.Id)];
        var unknown = wanted.Where(c => CheckCatalogue.Find(c) is null).ToList();
        if (unknown.Count > 0)
        {
            return Problems.Result(Refusal.Invalid("check-unknown", $"There is no check {string.Join(", ", unknown.Take(5))}. List them with: gov checks list"));
        }

        var command = new StartCheckRun(id, number, Guid.CreateVersion7().ToString("n"), [.. wanted.Distinct(StringComparer.Ordinal)], request.Seed);
        return await path.AnswerAsync(http, command, request, events =>
        {
            var started = events.Select(e => e.Event).OfType<CheckRunStarted>().Single();
            if (started.RunId == command.RunId)
            {
                queue.Enqueue(started);
            }

            return Answers.AcceptedAt($"/api/v1/runs/{started.RunId}", Find(path, views, started.RunId)!);
        });
    }

    private static IResult Get(string runId, CommandPath path, Views views) => Find(path, views, runId) is { } run
        ? Answers.Ok(run)
        : Problems.Result(StatusCodes.Status404NotFound, "run-unknown", "There is no such run.");

    private static IResult Events(string runId, CommandPath path, Views views, TimeProvider time, CancellationToken cancellationToken) =>
        Find(path, views, runId) is null
            ? Problems.Result(StatusCodes.Status404NotFound, "run-unknown", "There is no such run.")
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

using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Governance.Checks;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Gateway.Portal;

namespace Governance.Gateway.Tests.Portal;

/// <summary>Runs that ended, and one at work until <see cref="Change"/> says otherwise. Records what the forms asked for.</summary>
internal sealed class SampleRuns : IPortalRuns
{
    public const string Ended = "0198f3";
    public const string Open = "0198f4";

    /// <summary>Ended, with feature rules of its own.</summary>
    public const string Ruled = "0198f5";
    private readonly Channel<RunDetails> changes = Channel.CreateUnbounded<RunDetails>();
    private readonly List<string> asked = [];
    private RunDetails open = Run(Open, RunStatus.Running);

    public IReadOnlyList<string> Asked => asked;

    public StartRunRequest? Started { get; private set; }

    public IReadOnlyList<CheckDescriptor> Checks { get; } = [.. CheckCatalogue.All.Take(4).Select(c => c.Descriptor)];

    public IReadOnlyList<string> Engines { get; } = ["local", "slurm"];

    /// <summary>The open run changes, and whoever watches is told.</summary>
    public void Change(Func<RunDetails, RunDetails> change) => changes.Writer.TryWrite(open = change(open));

    public RunDetails? Find(string runId) => runId switch { Ended => Run(Ended, RunStatus.Failed), Ruled => Run(Ruled, RunStatus.Failed) with { Settings = new RunSettings { FeatureRules = Digest.Of("rules"u8) } }, Open => open, _ => null };

    public RunExplanation? Explain(string runId) => new(runId, Digest.Of("plan"u8), "slurm", ["map: 2 shards"],
    [
        new ShardExplanation(0, 2, 1, 2.5, 2.4, 300, "node7", null, [new WorkExplanation("validation.discrimination rows 0..99", Digest.Of("a"u8), Digest.Of("b"u8), false)]),
        new ShardExplanation(1, 2, 1, 0.5, 0.4, 300, "node8", "The session refused an input.", [new WorkExplanation("robustness.noise result", Digest.Of("c"u8), null, false)]),
    ]);

    public Task<string?> LogAsync(string runId, int shard, CancellationToken cancellationToken) => Task.FromResult(shard == 1 ? "Refused <input>\n" : null);

    public async IAsyncEnumerable<SseItem<string>> WatchAsync(string runId, string? seen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var run in changes.Reader.ReadAllAsync(cancellationToken))
        {
            yield return new SseItem<string>("{}", "run") { EventId = run.Status.ToString() };
        }
    }

    public Task<PortalOutcome> StartAsync(Caller caller, string modelId, int version, StartRunRequest request, string requestId, CancellationToken cancellationToken)
    {
        Started = request;
        asked.Add($"{caller.Subject} runs {modelId}/{version}: {string.Join(", ", request.Checks ?? [])}");
        return Task.FromResult(new PortalOutcome(null, Open));
    }

    public Task<PortalOutcome> CancelAsync(Caller caller, RunDetails run, string requestId, CancellationToken cancellationToken)
    {
        asked.Add($"{caller.Subject} stops {run.Id}");
        return Task.FromResult(new PortalOutcome(null, run.Id));
    }

    public Task<IReadOnlyList<ScheduleDetails>> SchedulesAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ScheduleDetails>>(
    [
        new() { Name = "lapses", Summary = "Records waivers that ended", Cron = "0 * * * * ?", EveryNode = false, Missed = "skip", Next = Start, Last = Start, Outcome = "done", Node = "a" },
        new() { Name = "revalidation", Summary = "Runs checks again", Cron = "0 0 2 * * ?", EveryNode = false, Missed = "run-once", Paused = "The cluster is moved.", PausedBy = "victor" },
        new()
        {
            Name = "reminders", Summary = "Reminds", Cron = "0 0 6 * * ?", EveryNode = false, Missed = "run-once", Last = Start, Outcome = "failed", Node = "b",
            Failure = new ScheduleFailureDetails(Start, "b", "It failed.", 4),
        },
    ]);

    private static DateTimeOffset Start { get; } = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);

    private static RunDetails Run(string id, RunStatus status) => new()
    {
        Id = id, ModelId = SampleReader.Model, Version = 3, Status = status, Seed = 20260101, StartedAt = Start, FinishedAt = status == RunStatus.Running ? null : Start.AddMinutes(5),
        Options = new RunOptions { Priority = RunPriority.High, Deadline = Start.AddHours(1) }, Warning = status == RunStatus.Running ? "It will end after its deadline." : null,
        Checks =
        [
            new("validation.discrimination", status == RunStatus.Running ? RunCheckStatus.Running : RunCheckStatus.Recorded, 0.5, null, 1, 2),
            new("robustness.noise", status == RunStatus.Running ? RunCheckStatus.Waiting : RunCheckStatus.Failed, 1, "The session refused an input of type string."),
        ],
    };
}

using System.Collections.Concurrent;
using Governance.Client.Contracts;

namespace Governance.Gateway.Runs;

/// <summary>
/// Live progress of the runs this process is at work on. What is not here is in the ledger. Thread-safe; an ended run keeps its id, so that a
/// repeated request does not start it again.
/// </summary>
public sealed class RunProgressBoard(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Entry?> runs = new(StringComparer.Ordinal);

    /// <summary>The run while it waits or runs; null before and after.</summary>
    public RunDetails? Find(string runId) => runs.GetValueOrDefault(runId)?.Details;

    /// <summary>False when the run was added before.</summary>
    public bool TryAdd(QueuedRun run) => runs.TryAdd(run.Id, new Entry(
        new RunDetails
        {
            Id = run.Id,
            ModelId = run.ModelId,
            Version = run.Version,
            Status = RunStatus.Queued,
            Seed = run.Run.Seed,
            Settings = run.Run.Settings,
            StartedAt = run.Run.StartedAt,
            Options = run.Run.Options.OrNull(),
            Checks = [.. run.Run.Checks.Select(c => new RunCheck(c, RunCheckStatus.Waiting, 0, null))],
        },
        Source(run.Run.Options.Deadline)));

    public void Update(string runId, Func<RunDetails, RunDetails> change) =>
        runs.AddOrUpdate(runId, _ => throw new KeyNotFoundException(runId), (_, run) => run is null ? null : run with { Details = change(run.Details) });

    /// <summary>Changes one check of a run.</summary>
    public void Update(string runId, string check, Func<RunCheck, RunCheck> change) =>
        Update(runId, run => run with { Checks = [.. run.Checks.Select(c => c.Check == check ? change(c) : c)] });

    /// <summary>Cancelled when somebody stops the run, and at its deadline.</summary>
    public CancellationToken Cancellation(string runId) => runs[runId]!.Cancel.Token;

    /// <summary>Stops a run that waits or runs here; nothing otherwise.</summary>
    public void Cancel(string runId) => runs.GetValueOrDefault(runId)?.Cancel.Cancel();

    public void End(string runId) => runs[runId] = null;

    /// <summary>Cancelled by itself when the deadline passes.</summary>
    private CancellationTokenSource Source(DateTimeOffset? deadline)
    {
        var left = deadline - time.GetUtcNow();
        return left is null ? new CancellationTokenSource() : new CancellationTokenSource(left > TimeSpan.Zero ? left.Value : TimeSpan.Zero, time);
    }

    private sealed record Entry(RunDetails Details, CancellationTokenSource Cancel);
}

using System.Collections.Concurrent;
using Governance.Client.Contracts;
using Governance.Core.Events;

namespace Governance.Gateway.Runs;

/// <summary>
/// Live progress of the runs that were started in this process. What is not here is in the ledger, or was interrupted. Thread-safe; an
/// ended run keeps its id, so that a repeated request does not start it again.
/// </summary>
public sealed class RunProgressBoard
{
    private readonly ConcurrentDictionary<string, RunDetails?> runs = new(StringComparer.Ordinal);

    /// <summary>The run while it waits or runs; null before and after.</summary>
    public RunDetails? Find(string runId) => runs.GetValueOrDefault(runId);

    /// <summary>False when the run was added before.</summary>
    public bool TryAdd(CheckRunStarted run, DateTimeOffset startedAt) => runs.TryAdd(run.RunId, new RunDetails
    {
        Id = run.RunId,
        ModelId = run.ModelId,
        Version = run.Version,
        Status = RunStatus.Queued,
        Seed = run.Seed,
        StartedAt = startedAt,
        Checks = [.. run.Checks.Select(c => new RunCheck(c, RunCheckStatus.Waiting, 0, null))],
    });

    public void Update(string runId, Func<RunDetails, RunDetails> change) =>
        runs.AddOrUpdate(runId, _ => throw new KeyNotFoundException(runId), (_, run) => run is null ? null : change(run));

    /// <summary>Changes one check of a run.</summary>
    public void Update(string runId, string check, Func<RunCheck, RunCheck> change) =>
        Update(runId, run => run with { Checks = [.. run.Checks.Select(c => c.Check == check ? change(c) : c)] });

    public void End(string runId) => runs[runId] = null;
}

using System.Collections.Concurrent;
using Governance.Client.Contracts;

namespace Governance.Gateway.Runs;

/// <summary>Live progress of the runs of this process. What is not here is in the ledger, or was interrupted. Thread-safe.</summary>
public sealed class RunProgressBoard
{
    private readonly ConcurrentDictionary<string, RunDetails> runs = new(StringComparer.Ordinal);

    public RunDetails? Find(string runId) => runs.GetValueOrDefault(runId);

    public void Put(RunDetails run) => runs[run.Id] = run;

    public void Update(string runId, Func<RunDetails, RunDetails> change) => runs.AddOrUpdate(runId, _ => throw new KeyNotFoundException(runId), (_, run) => change(run));

    /// <summary>Changes one check of a run.</summary>
    public void Update(string runId, string check, Func<RunCheck, RunCheck> change) =>
        Update(runId, run => run with { Checks = [.. run.Checks.Select(c => c.Check == check ? change(c) : c)] });

    public void Remove(string runId) => runs.TryRemove(runId, out _);
}

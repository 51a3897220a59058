namespace Governance.Gateway.Runs;

/// <summary>
/// Runs waiting for the worker. Teams take turns, so that one that starts many does not keep the others waiting; within a team the order is that
/// of the requests. A team is the owner of the model. Bounded by what the ledger has accepted; thread-safe.
/// </summary>
public sealed class RunQueue(Func<string, string> teamOf) : IDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim count = new(0);
    private readonly LinkedList<(string Team, Queue<QueuedRun> Runs)> teams = new();

    public void Enqueue(QueuedRun run)
    {
        var team = teamOf(run.ModelId);
        lock (gate)
        {
            var known = teams.FirstOrDefault(t => t.Team == team).Runs;
            if (known is null)
            {
                known = new Queue<QueuedRun>();
                teams.AddLast((team, known));
            }

            known.Enqueue(run);
        }

        count.Release();
    }

    public void Dispose() => count.Dispose();

    /// <summary>The run whose turn it is; waits until there is one.</summary>
    public async Task<QueuedRun> DequeueAsync(CancellationToken cancellationToken)
    {
        await count.WaitAsync(cancellationToken);
        lock (gate)
        {
            var (team, runs) = teams.First!.Value;
            teams.RemoveFirst();
            var next = runs.Dequeue();
            if (runs.Count > 0)
            {
                teams.AddLast((team, runs));
            }

            return next;
        }
    }
}

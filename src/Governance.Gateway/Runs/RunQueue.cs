using Governance.Core.Inventory;

namespace Governance.Gateway.Runs;

/// <summary>
/// Runs waiting for the worker. The higher priority goes first; a run rises by one for every <see cref="Ageing"/> that it waits, so that nothing
/// waits for ever. Among equals teams take turns, and within a team the order is that of the requests. A team is the owner of the model; one that
/// has its limit of runs at work waits. Bounded by what the ledger has accepted; thread-safe.
/// </summary>
/// <param name="limitOf">Runs of a team at work at once; null for no limit.</param>
public sealed class RunQueue(Func<string, string> teamOf, Func<string, int?> limitOf, TimeProvider time)
{
    /// <summary>How long a run waits for one step of priority.</summary>
    public static readonly TimeSpan Ageing = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly List<Waiting> waiting = [];
    private readonly Dictionary<string, int> working = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> turns = new(StringComparer.Ordinal);
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long turn;

    public void Enqueue(QueuedRun run)
    {
        lock (gate)
        {
            waiting.Add(new Waiting(run, teamOf(run.ModelId), time.GetUtcNow()));
            Tell();
        }
    }

    /// <summary>A waiting run that was stopped, or whose deadline passed, is taken next, so that its end is recorded at once.</summary>
    public void Expedite(string runId)
    {
        lock (gate)
        {
            if (waiting.Find(w => w.Run.Id == runId) is { } run)
            {
                run.Ends = true;
                Tell();
            }
        }
    }

    /// <summary>The run whose turn it is; waits until there is one. Whoever takes it says when it is <see cref="Done"/>.</summary>
    public async Task<QueuedRun> DequeueAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                if (Next() is { } next)
                {
                    waiting.Remove(next);
                    working[next.Team] = working.GetValueOrDefault(next.Team) + 1;
                    turns[next.Team] = ++turn;
                    return next.Run;
                }

                change = changed.Task;
            }

            await change.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A run that was taken has ended.</summary>
    public void Done(QueuedRun run)
    {
        lock (gate)
        {
            var team = teamOf(run.ModelId);
            working[team] = Math.Max(0, working.GetValueOrDefault(team) - 1);
            Tell();
        }
    }

    private Waiting? Next()
    {
        var now = time.GetUtcNow();
        return waiting.Where(w => w.Ends || !(working.GetValueOrDefault(w.Team) >= limitOf(w.Team)))
            .OrderByDescending(w => w.Ends)
            .ThenByDescending(w => w.Level(now))
            .ThenBy(w => turns.GetValueOrDefault(w.Team))
            .FirstOrDefault();
    }

    private void Tell()
    {
        changed.TrySetResult();
        changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Waiting(QueuedRun run, string team, DateTimeOffset since)
    {
        public QueuedRun Run => run;

        public string Team => team;

        public bool Ends { get; set; }

        public long Level(DateTimeOffset now) => (long)(run.Run.Options.Priority ?? RunPriority.Normal) + (long)Math.Max(0, (now - since) / Ageing);
    }
}

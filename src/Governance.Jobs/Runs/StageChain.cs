using Governance.Jobs.Engines;

namespace Governance.Jobs.Runs;

/// <summary>
/// The stages after the one at work, handed in ahead on engines that start a job when another has ended: the plan goes on when nobody watches. When
/// anything goes wrong in the stage at work they are taken back, and handed in again when their time comes. Not thread-safe.
/// </summary>
/// <param name="later">Shards of each later stage, those that are open.</param>
internal sealed class StageChain(IShardEngine engine, Submitter submitter, IReadOnlyList<IReadOnlyList<int>> later)
{
    private bool settled = !engine.Chains || later.Count == 0 || later.Any(s => s.Count == 0);
    private bool isWhole = engine.Chains && (later.Count == 0 || later.All(s => s.Count > 0));

    /// <summary>Whether tasks of a job that is handed in now go on with other shards: only while all stages wait behind one another, and nothing went wrong.</summary>
    public bool GoesOn => isWhole;

    /// <summary>Hands the later stages in behind a job, once; not when an earlier watcher did.</summary>
    public async Task ExtendAsync(JobTicket first, CancellationToken cancellationToken)
    {
        if (settled)
        {
            return;
        }

        settled = true;
        if (Ahead().Count > 0)
        {
            return;
        }

        try
        {
            var before = first;
            foreach (var stage in later)
            {
                before = await submitter.SubmitAsync(stage, before.Ticket, goOn: true, cancellationToken);
            }
        }
        catch (EngineException)
        {
            // Not needed while somebody watches: they are handed in when their time comes.
            await TakeBackAsync(cancellationToken);
        }
    }

    public async Task TakeBackAsync(CancellationToken cancellationToken)
    {
        settled = true;
        isWhole = false;
        if (!engine.Chains)
        {
            return;
        }

        submitter.EndGoingOn();
        foreach (var ticket in Ahead())
        {
            await engine.CancelAsync(ticket.Job, ticket.Ticket, null, cancellationToken);
        }

        submitter.Tickets.Close(IsLater);
    }

    private List<JobTicket> Ahead() => [.. submitter.Tickets.Open().Where(t => t.Engine == engine.Name && IsLater(t.Job))];

    private bool IsLater(ShardJob job) => later.Any(s => job.Indices.Any(s.Contains));
}

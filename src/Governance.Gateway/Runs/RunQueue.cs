using System.Threading.Channels;
using Governance.Client.Contracts;
using Governance.Core.Events;

namespace Governance.Gateway.Runs;

/// <summary>Runs waiting for the worker, in order. Bounded by what the ledger has accepted; thread-safe.</summary>
public sealed class RunQueue(RunProgressBoard board, TimeProvider time)
{
    private readonly Channel<CheckRunStarted> waiting = Channel.CreateUnbounded<CheckRunStarted>(new UnboundedChannelOptions { SingleReader = true });

    public void Enqueue(CheckRunStarted run)
    {
        board.Put(new RunDetails
        {
            Id = run.RunId,
            ModelId = run.ModelId,
            Version = run.Version,
            Status = RunStatus.Queued,
            Seed = run.Seed,
            StartedAt = time.GetUtcNow(),
            Checks = [.. run.Checks.Select(c => new RunCheck(c, RunCheckStatus.Waiting, 0, null))],
        });
        waiting.Writer.TryWrite(run);
    }

    public IAsyncEnumerable<CheckRunStarted> ReadAllAsync(CancellationToken cancellationToken) => waiting.Reader.ReadAllAsync(cancellationToken);
}

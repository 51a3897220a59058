using System.Threading.Channels;
using Governance.Core.Events;

namespace Governance.Gateway.Runs;

/// <summary>Runs waiting for the worker, in order. Bounded by what the ledger has accepted; thread-safe.</summary>
public sealed class RunQueue
{
    private readonly Channel<CheckRunStarted> waiting = Channel.CreateUnbounded<CheckRunStarted>(new UnboundedChannelOptions { SingleReader = true });

    public void Enqueue(CheckRunStarted run) => waiting.Writer.TryWrite(run);

    public IAsyncEnumerable<CheckRunStarted> ReadAllAsync(CancellationToken cancellationToken) => waiting.Reader.ReadAllAsync(cancellationToken);
}

using Governance.Core.State;

namespace Governance.Gateway.Runs;

/// <summary>A run that waits for the worker. Immutable.</summary>
public sealed record QueuedRun(string ModelId, int Version, RunState Run)
{
    public string Id => Run.Id;
}

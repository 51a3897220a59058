using Governance.Core.Events;

namespace Governance.Gateway.Runs;

/// <summary>How the checks of a run ended so far. Not thread-safe.</summary>
internal sealed class RunTally
{
    public List<string> Recorded { get; } = [];

    public List<CheckNotRun> NotApplicable { get; } = [];

    public List<CheckNotRun> Failed { get; } = [];

    /// <summary>Time that shards worked; null when none did.</summary>
    public double? ShardSeconds { get; set; }

    public void FailRest(QueuedRun run, string reason)
    {
        var ended = Recorded.Concat(NotApplicable.Select(n => n.Check)).Concat(Failed.Select(f => f.Check)).ToHashSet(StringComparer.Ordinal);
        Failed.AddRange(run.Run.Checks.Where(c => !ended.Contains(c)).Select(c => new CheckNotRun(c, reason)));
    }
}

using Governance.Checks;
using Governance.Core.Evidence;

namespace Governance.Jobs;

/// <summary>How far a check is.</summary>
/// <param name="Check">Id of the check.</param>
/// <param name="ShardsDone">Shards finished so far, in whatever order they finish.</param>
/// <param name="Shards">All shards of the run.</param>
public sealed record ShardProgress(string Check, int ShardsDone, int Shards);

/// <summary>Runs checks in this process, shards in parallel. Thread-safe.</summary>
/// <param name="parallelism">Shards at work at once; at least 1, default one per processor.</param>
public sealed class LocalEngine(int? parallelism = null)
{
    private readonly int parallelism = parallelism is null or >= 1
        ? parallelism ?? Environment.ProcessorCount
        : throw new ArgumentOutOfRangeException(nameof(parallelism), parallelism, "At least one shard must be at work.");

    /// <summary>Maps every shard and reduces; the result does not depend on <paramref name="shards"/>.</summary>
    /// <param name="shards">1 or more; no more are used than there are rows.</param>
    /// <param name="progress">Told after each shard; may be called from any thread.</param>
    /// <exception cref="CheckNotApplicableException">The check cannot run on this input; the message says why.</exception>
    public async Task<CheckResult> RunAsync(
        ICheck check, CheckInput input, int shards, IProgress<ShardProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        if (check.WhyNotApplicable(input) is { } reason)
        {
            throw new CheckNotApplicableException(check.Descriptor.Id, reason);
        }

        var ranges = Split(input.Evaluation.RowCount, shards);
        var states = new ReadOnlyMemory<byte>[ranges.Count];
        var done = 0;
        await Parallel.ForAsync(0, ranges.Count, new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellationToken }, (shard, token) =>
        {
            states[shard] = check.Map(input, ranges[shard], token);
            progress?.Report(new ShardProgress(check.Descriptor.Id, Interlocked.Increment(ref done), ranges.Count));
            return ValueTask.CompletedTask;
        });
        return check.Reduce(input, states, cancellationToken);
    }

    /// <summary>Row ranges of nearly equal size that cover every row once.</summary>
    public static IReadOnlyList<RowRange> Split(int rows, int shards)
    {
        var count = Math.Max(1, Math.Min(rows, shards));
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var start = (int)((long)i * rows / count);
            return new RowRange(start, (int)((i + 1L) * rows / count) - start);
        })];
    }
}

/// <summary>A check was asked to run on an input it cannot read; its message is for people.</summary>
public sealed class CheckNotApplicableException(string check, string reason) : InvalidOperationException($"{check} cannot run: {reason}")
{
    public string Check { get; } = check;

    public string Reason { get; } = reason;
}

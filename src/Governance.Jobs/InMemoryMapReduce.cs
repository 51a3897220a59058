using Governance.Checks;
using Governance.Core.Evidence;

namespace Governance.Jobs;

/// <summary>How far a check is.</summary>
/// <param name="Check">Id of the check.</param>
/// <param name="ShardsDone">Shards finished so far, in whatever order they finish.</param>
/// <param name="Shards">All shards of the run.</param>
public sealed record ShardProgress(string Check, int ShardsDone, int Shards);

/// <summary>
/// Runs a check in memory, without plan, engine or folder: its stages one after another, the shards of a stage in parallel. For a single run whose
/// states nobody wants to keep; what is to be resumed, spread or kept is a plan. Thread-safe.
/// </summary>
/// <param name="parallelism">Shards at work at once; at least 1, default one per processor.</param>
public sealed class InMemoryMapReduce(int? parallelism = null)
{
    private readonly int parallelism = parallelism is null or >= 1
        ? parallelism ?? Environment.ProcessorCount
        : throw new ArgumentOutOfRangeException(nameof(parallelism), parallelism, "At least one shard must be at work.");

    /// <summary>Maps every shard of every stage and reduces; the result does not depend on <paramref name="shards"/>.</summary>
    /// <param name="shards">Of each stage, 1 or more; no more are used than the stage has parts.</param>
    /// <param name="progress">Told after each shard; may be called from any thread.</param>
    /// <exception cref="CheckNotApplicableException">The check cannot run on this input; the message says why.</exception>
    public async Task<CheckResult> RunAsync(
        ICheck check, CheckInput input, int shards, IProgress<ShardProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        var id = check.Descriptor.Id;
        if (check.WhyNotApplicable(input) is { } reason)
        {
            throw new CheckNotApplicableException(id, reason);
        }

        var given = input.Parameters.GetValueOrDefault(id) ?? new Dictionary<string, double>();
        var stages = CheckStages.Of(check, input.Evaluation.RowCount, given).Select(s => RowRange.Split(s.Parts, shards)).ToList();
        var (done, total, before) = (0, stages.Sum(s => s.Count), StageStates.None);
        foreach (var (stage, ranges) in stages.Index())
        {
            var states = new ReadOnlyMemory<byte>[ranges.Count];
            var earlier = before;
            await Parallel.ForAsync(0, ranges.Count, new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellationToken }, (shard, token) =>
            {
                states[shard] = CheckStages.Map(check, input, stage, ranges[shard], earlier, token);
                progress?.Report(new ShardProgress(id, Interlocked.Increment(ref done), total));
                return ValueTask.CompletedTask;
            });
            before = before.Then(states);
        }

        return CheckStages.Reduce(check, input, before, cancellationToken);
    }
}

/// <summary>A check was asked to run on an input it cannot read; its message is for people.</summary>
public sealed class CheckNotApplicableException(string check, string reason) : InvalidOperationException($"{check} cannot run: {reason}")
{
    public string Check { get; } = check;

    public string Reason { get; } = reason;
}

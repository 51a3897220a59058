using Governance.Core.Evidence;

namespace Governance.Checks;

/// <summary>Rows <c>[Start, Start + Count)</c> of the evaluation data: what one shard reads.</summary>
public readonly record struct RowRange(int Start, int Count)
{
    /// <summary>The same fraction of <paramref name="of"/> things as this is of <paramref name="rows"/> rows: ranges that cover the rows once cover the things once.</summary>
    public RowRange Scaled(int rows, int of)
    {
        var start = (int)((long)Start * of / rows);
        return new RowRange(start, (int)(((long)Start + Count) * of / rows) - start);
    }

    /// <summary>At most <paramref name="parts"/> ranges of nearly equal size that cover every row once; one empty range when there is no row.</summary>
    public static IReadOnlyList<RowRange> Split(int rows, int parts)
    {
        var count = Math.Max(1, Math.Min(rows, parts));
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var start = (int)((long)i * rows / count);
            return new RowRange(start, (int)((i + 1L) * rows / count) - start);
        })];
    }
}

/// <summary>
/// A check: a map over row ranges and a reduce over their states. Both are pure functions: no clock, no randomness but the seed in the
/// input, no I/O. Any split of the rows, in any order, reduces to the same result, byte for byte. Implementations are stateless.
/// </summary>
public interface ICheck
{
    /// <summary>Purpose, method, limits, parameters: what reports, forms and <c>gov checks</c> show.</summary>
    CheckDescriptor Descriptor { get; }

    /// <summary>
    /// Whether a state depends on nothing but the rows of its range, their numbers, the levels of the categories and the settings: not on other
    /// rows, their count or the training data. Such a state stays true when rows are added after it. Default: no.
    /// </summary>
    bool IsRowLocal => false;

    /// <summary>Why the check cannot run on this input ("no reference scores"), or null when it can.</summary>
    string? WhyNotApplicable(CheckInput input);

    /// <summary>The state of one shard, serialised; merges with others of the same input only.</summary>
    ReadOnlyMemory<byte> Map(CheckInput input, RowRange rows, CancellationToken cancellationToken);

    /// <summary>The result from the states of a partition of all rows, given in any order.</summary>
    CheckResult Reduce(CheckInput input, IReadOnlyList<ReadOnlyMemory<byte>> states, CancellationToken cancellationToken);
}

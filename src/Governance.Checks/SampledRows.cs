namespace Governance.Checks;

/// <summary>A bounded, evenly spaced selection of evaluation rows for checks that score each row many times. Needs no randomness and no state.</summary>
internal sealed class SampledRows
{
    /// <summary>The parameter that bounds it.</summary>
    public static readonly CheckParameter Limit =
        CheckParameter.Whole("max_rows", "At most this many rows, evenly spaced, are used: the check scores each of them many times.", 5000, 100, 1_000_000);

    private const int BlockSize = 256;
    private readonly long total;

    public SampledRows(CheckContext context)
        : this(context, context.Parameters.Whole(Limit.Name))
    {
    }

    /// <param name="limit">At most so many rows, instead of <see cref="Limit"/>.</param>
    public SampledRows(CheckContext context, int limit)
    {
        total = context.Input.Evaluation.RowCount;
        Count = (int)Math.Min(total, limit);
    }

    /// <summary>Number of rows selected.</summary>
    public int Count { get; }

    /// <summary>The row at a position of the selection.</summary>
    public int this[int position] => (int)(position * total / Count);

    /// <summary>
    /// The positions a shard works on, in blocks that are the same for any sharding: a model's last digits may depend on which rows are scored
    /// together. A block belongs to the shard its first row lies in.
    /// </summary>
    public IReadOnlyList<int[]> BlocksIn(RowRange rows) =>
    [
        .. Enumerable.Range(0, (Count + BlockSize - 1) / BlockSize)
            .Select(b => b * BlockSize)
            .Where(first => this[first] >= rows.Start && this[first] < rows.Start + rows.Count)
            .Select(first => Enumerable.Range(first, Math.Min(BlockSize, Count - first)).ToArray()),
    ];

    /// <summary>Positions whose rows lie in a shard, for work on one row at a time.</summary>
    public IEnumerable<int> PositionsIn(RowRange rows) =>
        Enumerable.Range(0, Count).Where(p => this[p] >= rows.Start && this[p] < rows.Start + rows.Count);

    /// <summary>The selected rows.</summary>
    public IEnumerable<int> Rows => Enumerable.Range(0, Count).Select(p => this[p]);

    public string? Limitation => Count < total ? $"{Count} evenly spaced rows of {total} were used." : null;
}

namespace Governance.Checks;

/// <summary>A bounded, evenly spaced selection of evaluation rows for checks that score each row many times. Needs no randomness and no state.</summary>
internal sealed class SampledRows
{
    /// <summary>The parameter that bounds it.</summary>
    public static readonly CheckParameter Limit =
        new("max_rows", "At most this many rows, evenly spaced, are used: the check scores each of them many times.", 5000, 100, 1_000_000);

    private readonly long total;

    public SampledRows(CheckContext context)
    {
        total = context.Input.Evaluation.RowCount;
        Count = (int)Math.Min(total, context.Parameters.Whole(Limit.Name));
    }

    /// <summary>Number of rows selected.</summary>
    public int Count { get; }

    /// <summary>The row at a position of the selection.</summary>
    public int this[int position] => (int)(position * total / Count);

    /// <summary>Positions whose rows lie in a shard.</summary>
    public int[] PositionsIn(RowRange rows) =>
        [.. Enumerable.Range(0, Count).Where(p => this[p] >= rows.Start && this[p] < rows.Start + rows.Count)];

    /// <summary>The selected rows.</summary>
    public IEnumerable<int> Rows => Enumerable.Range(0, Count).Select(p => this[p]);

    public string? Limitation => Count < total ? $"{Count} evenly spaced rows of {total} were used." : null;
}

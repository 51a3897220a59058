namespace Governance.Ledger;

/// <summary>
/// How much may be lost at a crash of what <see cref="LedgerLog.Take"/> took: so many entries, and nothing is taken later than so long after the oldest
/// of them. Immutable.
/// </summary>
public sealed record TakeBound
{
    /// <summary>Most entries that were taken and are not durable. Default 1,000.</summary>
    public int MostEntries { get; init; } = 1_000;

    /// <summary>How long the oldest of them may wait before no more are taken. Default 100 ms.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMilliseconds(100);
}

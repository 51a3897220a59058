namespace Governance.Ledger;

/// <summary>What became of an append.</summary>
public enum AppendStatus
{
    /// <summary>The entries are on stable storage.</summary>
    Committed,

    /// <summary>The entries are on their way, and whoever handed them over does not wait for them. Only of <see cref="LedgerLog.Take"/>.</summary>
    Taken,

    /// <summary>Too much is waiting already; nothing was written. Answer 503 or try again after a pause.</summary>
    Busy,

    /// <summary>No entry, an entry above 65,535 bytes, or together above 16 MiB or the pending limit; nothing was written.</summary>
    TooLarge,

    /// <summary>
    /// The storage failed, now or earlier, and the log takes no entries until it has recovered. If this append was under way, its entries are not in
    /// the log when it recovers by itself; when the process ends before, they may or may not be found: all of them or none.
    /// </summary>
    Unavailable,

    /// <summary>The log was closed before the append; nothing was written.</summary>
    Closed,
}

/// <summary>The outcome of an append.</summary>
/// <param name="FirstIndex">Index of the first entry; the others follow without gap. -1 unless committed.</param>
/// <param name="Count">Entries appended; 0 unless committed.</param>
/// <param name="Reason">What the storage said, for an operator; null unless unavailable.</param>
public readonly record struct AppendResult(AppendStatus Status, long FirstIndex, int Count, string? Reason)
{
    public bool IsCommitted => Status == AppendStatus.Committed;

    internal static AppendResult Refused(AppendStatus status, string? reason = null) => new(status, -1, 0, reason);
}

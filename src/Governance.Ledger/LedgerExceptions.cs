namespace Governance.Ledger;

/// <summary>A ledger could not be opened or read. The message is fit for an operator; it never holds entry content.</summary>
public abstract class LedgerException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another writer has the folder. Stop it first, or write to another folder; reading needs no lock.</summary>
public sealed class LedgerLockedException(string folder, LedgerWriter? holder)
    : LedgerException($"The ledger folder {folder} is being written by {holder?.ToString() ?? "another process"}. Only one writer is allowed.")
{
    public string Folder { get; } = folder;

    /// <summary>Null when the holder did not get to say who it is.</summary>
    public LedgerWriter? Holder { get; } = holder;
}

/// <summary>The storage refuses: full disk, read-only folder, failed flush. Repair the storage; an open ledger goes on by itself.</summary>
public sealed class LedgerUnavailableException(string message, Exception? inner = null) : LedgerException(message, inner);

/// <summary>
/// What is stored is not what was acknowledged. Nothing was changed. Keep the folder as evidence, run fsck on a copy, restore from a replica.
/// </summary>
public sealed class LedgerDamagedException(LedgerFinding finding) : LedgerException(finding.ToString())
{
    public LedgerFinding Finding { get; } = finding;
}

namespace Governance.Ledger;

/// <summary>Why a log takes no entries. Immutable.</summary>
/// <param name="Passes">Whether the storage refused, which may pass, and not what is stored contradicts what was acknowledged.</param>
internal sealed record StorageFailure(string Reason, bool Passes)
{
    public static StorageFailure Of(Exception e, TimeSpan recoverAfter) => e is IOException or UnauthorizedAccessException or LedgerUnavailableException
        ? new StorageFailure(
            recoverAfter == Timeout.InfiniteTimeSpan
                ? $"The storage failed and the log is read-only until it is opened again: {e.Message}"
                : $"The storage failed and the log is read-only until it has recovered, which it tries by itself: {e.Message}",
            Passes: true)
        : new StorageFailure($"The log is read-only and an operator must look: {e.Message}", Passes: false);
}

namespace Governance.Ledger;

/// <summary>How a log is written. Immutable.</summary>
public sealed record LedgerOptions
{
    /// <summary>
    /// Keys that sign checkpoints; each is named as the log's origin. At least one; two during a rotation (both sign, both stay in the trail).
    /// </summary>
    public required IReadOnlyList<INoteSigner> Signers { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How far the signed checkpoint may lag behind acknowledged entries. Default 500 ms.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A segment is closed when it would grow beyond this. Default 256 MiB; 64 KiB to 2 GiB.</summary>
    public long MaximumSegmentBytes { get; init; } = 256L << 20;

    /// <summary>A segment is closed when it is older than this. Default one day.</summary>
    public TimeSpan MaximumSegmentAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Bytes that may wait for the next group commit before appends are told <see cref="AppendStatus.Busy"/>. Default 16 MiB, at least 64 KiB.</summary>
    public int MaximumPendingBytes { get; init; } = 16 << 20;

    /// <summary>
    /// Things an entry refers to that MUST be durable before the entry is, such as a <see cref="PayloadStore"/>. Flushed by every group commit.
    /// </summary>
    public ICommitBarrier? Barrier { get; init; }

    /// <summary>
    /// How long after a storage failure the log first tries to recover by itself. The pause doubles with each attempt, to 30 s at most, and is looked
    /// at with every checkpoint interval. Default 1 s; <see cref="Timeout.InfiniteTimeSpan"/>: only opening it again recovers it.
    /// </summary>
    public TimeSpan RecoverAfter { get; init; } = TimeSpan.FromSeconds(1);

    internal IFileLayer Files { get; init; } = PhysicalFiles.Instance;

    /// <summary>Zeros that lie ahead in the segment being written; see <see cref="ReservedTail"/>.</summary>
    internal int Ahead { get; init; } = ReservedTail.Usual;

    /// <exception cref="ArgumentException">Names every setting that is out of range.</exception>
    internal void Validate(string parameter)
    {
        List<string> faults = [];
        if (Signers.Count == 0 || Signers.Any(s => !string.Equals(s.Verifier.Name, Signers[0].Verifier.Name, StringComparison.Ordinal)))
        {
            faults.Add($"{nameof(Signers)} holds at least one key, all named as the log's origin");
        }

        if (MaximumSegmentBytes is < 64 << 10 or > 2L << 30)
        {
            faults.Add($"{nameof(MaximumSegmentBytes)} is from 64 KiB to 2 GiB");
        }

        if (MaximumPendingBytes < 64 << 10)
        {
            faults.Add($"{nameof(MaximumPendingBytes)} is at least 64 KiB");
        }

        if (RecoverAfter <= TimeSpan.Zero && RecoverAfter != Timeout.InfiniteTimeSpan)
        {
            faults.Add($"{nameof(RecoverAfter)} is positive, or infinite");
        }

        if (CheckpointInterval <= TimeSpan.Zero || MaximumSegmentAge <= TimeSpan.Zero)
        {
            faults.Add($"{nameof(CheckpointInterval)} and {nameof(MaximumSegmentAge)} are positive");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", faults) + ".", parameter);
        }
    }
}

/// <summary>Makes durable what entries refer to, before the entries.</summary>
public interface ICommitBarrier
{
    /// <summary>Why it makes nothing durable any more; null while it does.</summary>
    string? Failure => null;

    /// <summary>Returns only when everything handed over before the call is on stable storage; throws otherwise, and the log takes no more entries until both have recovered.</summary>
    void Flush();

    /// <summary>
    /// Goes on after a failure from what is on stable storage; does nothing when there was none. What was handed over and not flushed may be gone.
    /// The log's writer calls it while no append is under way.
    /// </summary>
    /// <exception cref="LedgerDamagedException">What is stored is not what was made durable: an operator must look.</exception>
    /// <exception cref="LedgerUnavailableException">The storage still refuses.</exception>
    void Recover()
    {
    }
}

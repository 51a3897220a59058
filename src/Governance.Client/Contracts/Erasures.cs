using Governance.Core.Identity;

namespace Governance.Client.Contracts;

/// <param name="Subject">Identifier of the data subject as the bank's applications send it. Kept sealed; dies with the erasure.</param>
/// <param name="Ground">GDPR 17(1) ground.</param>
public sealed record RequestErasureRequest(string Subject, string Ground);

/// <param name="Role">The role to approve in: <c>owner</c> or <c>compliance</c>.</param>
public sealed record ApproveErasureRequest(string Role);

public enum ErasureStatus
{
    Requested,
    Approved,
    Executed,
}

public sealed record ErasureDetails
{
    public required string Id { get; init; }

    public required ErasureStatus Status { get; init; }

    public required string Ground { get; init; }

    /// <summary>Random pseudonym; not derived from the subject.</summary>
    public required string SubjectReference { get; init; }

    public required string RequestedBy { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public required IReadOnlyList<ErasureApprovalDetails> Approvals { get; init; }

    public DateTimeOffset? ExecutedAt { get; init; }

    /// <summary>Records destroyed.</summary>
    public long? Records { get; init; }

    /// <summary>Merkle root over the destroyed key references.</summary>
    public string? DestroyedRoot { get; init; }

    public long? LedgerIndex { get; init; }

    /// <summary>When every key that opened backups of before the erasure was recorded as destroyed, UTC; null before.</summary>
    public DateTimeOffset? FinalAt { get; init; }
}

public sealed record ErasureApprovalDetails(string Person, string PersonName, string Role, DateTimeOffset Time, long LedgerIndex);

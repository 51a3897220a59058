using Governance.Core.Inventory;

namespace Governance.Client.Contracts;

/// <param name="Rule">Name of the rule, which must be waivable.</param>
/// <param name="Reason">Why the rule cannot be met now.</param>
/// <param name="Risk">What may go wrong, in figures.</param>
/// <param name="Control">What limits the risk meanwhile.</param>
/// <param name="Exit">How the waiver becomes unnecessary.</param>
/// <param name="Expires">UTC; the policy says how late it may be.</param>
/// <param name="Emergency">Approved on the lowest level now, short, and reviewed by the committee after the fact.</param>
public sealed record RequestWaiverRequest(
    string ModelId, int Version, string Rule, string Reason, string Risk, string Control, string Exit, DateTimeOffset Expires,
    PromotionTarget Target = PromotionTarget.Champion, bool Emergency = false);

/// <param name="Role">The role to act in: <c>owner</c>, <c>validator</c>, <c>compliance</c> or <c>committee</c>.</param>
public sealed record ApproveWaiverRequest(string Role, string Comment);

/// <param name="Role">The role to act in; the DPO may deny, too.</param>
public sealed record DenyWaiverRequest(string Role, string Reason);

public sealed record RevokeWaiverRequest(string Reason);

public sealed record RenewWaiverRequest(string Reason, DateTimeOffset Expires);

/// <param name="Upheld">False takes the emergency waiver back.</param>
public sealed record ReviewWaiverRequest(bool Upheld, string Comment);

public sealed record WaiverDetails
{
    /// <summary><c>home-loans.w1</c>.</summary>
    public required string Id { get; init; }

    public required string ModelId { get; init; }

    public required int Version { get; init; }

    public required string Rule { get; init; }

    public required PromotionTarget Target { get; init; }

    /// <summary>Counts only when active.</summary>
    public required WaiverStatus Status { get; init; }

    public required string Reason { get; init; }

    public required string Risk { get; init; }

    public required string Control { get; init; }

    public required string Exit { get; init; }

    public required DateTimeOffset Expires { get; init; }

    /// <summary>How high the approvers must stand, 1 to 3.</summary>
    public required int Level { get; init; }

    public required bool Emergency { get; init; }

    /// <summary>The waiver it continues.</summary>
    public string? RenewalOf { get; init; }

    public required string RequestedBy { get; init; }

    public required string RequestedByName { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public required long LedgerIndex { get; init; }

    public required IReadOnlyList<WaiverApprovalDetails> Approvals { get; init; }

    /// <summary>Whose approval is still missing, for people; null when none is.</summary>
    public string? Needs { get; init; }

    /// <summary>By when an emergency waiver must be reviewed.</summary>
    public DateTimeOffset? ReviewDue { get; init; }

    /// <summary>The review that upheld it.</summary>
    public WaiverEndingDetails? Reviewed { get; init; }

    /// <summary>Its denial or revocation.</summary>
    public WaiverEndingDetails? Ended { get; init; }
}

public sealed record WaiverApprovalDetails(string Person, string PersonName, string Role, int Line, string Comment, DateTimeOffset Time, long LedgerIndex);

public sealed record WaiverEndingDetails(string Person, string PersonName, string Reason, DateTimeOffset Time, long LedgerIndex);

using Governance.Core.Inventory;

namespace Governance.Core.Events;

/// <summary>Somebody asked that one rule be waived for one version in one environment.</summary>
/// <param name="Target">The environment.</param>
/// <param name="Risk">What may go wrong, in figures.</param>
/// <param name="Control">What limits it meanwhile.</param>
/// <param name="Exit">How the waiver becomes unnecessary.</param>
/// <param name="Level">How high the approvers must stand, 1 to 3 (<see cref="State.WaiverApprovals"/>).</param>
/// <param name="Emergency">Takes effect on level 1 and is reviewed after the fact.</param>
/// <param name="RenewalOf">The waiver it continues; null for a first one.</param>
/// <param name="Checks">Checks the rule rests on.</param>
/// <param name="Covers">Digest of the model, the data and the evidence of those checks: another value voids the waiver.</param>
public sealed record WaiverRequested(
    string ModelId, string WaiverId, int Version, string Rule, PromotionTarget Target, string Reason, string Risk, string Control, string Exit,
    DateTimeOffset Expires, int Level, bool Emergency, string? RenewalOf, IReadOnlyList<string> Checks, Digest Covers, string PersonName) : GovernanceEvent;

/// <summary>A person approved a waiver.</summary>
/// <param name="Complete">No further approval is needed: the waiver counts.</param>
/// <param name="ReviewDue">By when an emergency waiver that now counts must be reviewed; null for others.</param>
public sealed record WaiverApproved(
    string ModelId, string WaiverId, string Person, string PersonName, string Role, int Line, string Comment, bool Complete, DateTimeOffset? ReviewDue)
    : GovernanceEvent;

public sealed record WaiverDenied(string ModelId, string WaiverId, string Person, string PersonName, string Role, string Reason) : GovernanceEvent;

/// <summary>An approved waiver was taken back, or a requested one withdrawn.</summary>
public sealed record WaiverRevoked(string ModelId, string WaiverId, string Person, string PersonName, string Reason) : GovernanceEvent;

/// <summary>The committee looked at an emergency waiver after the fact.</summary>
/// <param name="Upheld">False takes it back.</param>
public sealed record WaiverReviewed(string ModelId, string WaiverId, string Person, string PersonName, bool Upheld, string Comment) : GovernanceEvent;

/// <summary>An approved waiver stopped counting by the passing of time or a change of what it covered.</summary>
/// <param name="Cause">Expired, unreviewed or void.</param>
/// <param name="Serving">The version answered its route at that time: an alert.</param>
public sealed record WaiverLapsed(string ModelId, string WaiverId, int Version, WaiverStatus Cause, bool Serving) : GovernanceEvent;

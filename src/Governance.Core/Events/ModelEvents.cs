using Governance.Core.Gates;
using Governance.Core.Inventory;

namespace Governance.Core.Events;

public sealed record ModelRegistered(ModelRegistration Model) : GovernanceEvent;

/// <summary>A validator confirmed the tier the developer proposed.</summary>
public sealed record TierConfirmed(string ModelId, Tier Tier) : GovernanceEvent;

/// <summary>Somebody joined those who build a model: they cannot sign it off from now on.</summary>
public sealed record DeveloperAdded(string ModelId, string Person) : GovernanceEvent;

public sealed record DatasetRegistered(DatasetRegistration Dataset) : GovernanceEvent;

public sealed record VersionSubmitted(string ModelId, VersionSubmission Version) : GovernanceEvent;

/// <summary>A document was attached to a version; it lies in the artefact store.</summary>
/// <param name="Kind">Name of a <see cref="DocumentKind"/>.</param>
/// <param name="Expires">From then on it no longer counts.</param>
/// <param name="Role">In which the actor attached it.</param>
/// <param name="Covers">Features a reason catalogue maps; empty for other kinds.</param>
public sealed record DocumentAttached(
    string ModelId, int Version, string Kind, string Title, Digest File, DateTimeOffset? Expires, string Role, IReadOnlyList<string> Covers)
    : GovernanceEvent;

/// <summary>A version was put before the gate of a promotion. Logs written before decisions were kept as documents have it; new ones have <see cref="GateDecided"/>.</summary>
public sealed record GateEvaluated(string ModelId, int Version, PromotionTarget Target, GateDecision Decision) : GovernanceEvent;

/// <summary>
/// A person's signature. <paramref name="Binding"/> is the digest of exactly what was signed: artefact, datasets, evidence and policy;
/// any of them changing voids the signature.
/// </summary>
public sealed record VersionSignedOff(
    string ModelId, int Version, string Person, string PersonName, string Role, int Line, SignOffMeaning Meaning, string Comment, Digest Binding)
    : GovernanceEvent;

/// <summary>The route now answers with this version.</summary>
/// <param name="Replaced">Version that answered before; null for the first.</param>
/// <param name="Decision">Digest of the gate decision that allowed it, recorded in the same append.</param>
public sealed record VersionPromoted(string ModelId, int Version, string Route, PromotionTarget Target, int? Replaced, Digest Decision)
    : GovernanceEvent;

/// <param name="Rule">The rule of policy by which the gateway suspended it: asked while it served, or the one whose waiver ended. Null when a person did.</param>
public sealed record VersionSuspended(string ModelId, int Version, string Reason, string? Rule = null) : GovernanceEvent;

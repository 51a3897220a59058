namespace Governance.Core.Events;

/// <summary>A policy pack came into force for every gate. In logs written before packs were proposed, approved and kept; new ones have <see cref="PolicyInstalled"/>.</summary>
public sealed record PolicyPublished(string Name, string PackVersion, Digest Policy, Digest Params) : GovernanceEvent;

/// <summary>
/// Somebody asked for a data subject to be erased. Who the subject is lies only in the sealed payload <paramref name="Sealed"/>,
/// encrypted under that subject's own key: it dies with the erasure.
/// </summary>
/// <param name="Ground">GDPR 17(1): <c>no_longer_necessary</c>, <c>consent_withdrawn</c>, <c>objection</c>, <c>unlawful</c>, <c>legal_duty</c>.</param>
/// <param name="SubjectReference">Pseudonym printed on the certificate: random, not derived from the subject.</param>
public sealed record ErasureRequested(string RequestId, string Ground, string SubjectReference, string Sealed) : GovernanceEvent;

public sealed record ErasureApproved(string RequestId, string Person, string PersonName, string Role) : GovernanceEvent;

/// <summary>
/// What is about to be destroyed, recorded first: a gateway that dies in between finishes from it and the count is not lost with the keys.
/// </summary>
/// <param name="Recipients">Payload sinks that copies of the subject's answers were sent to; null when there are none.</param>
public sealed record ErasureStarted(
    string RequestId, long Records, string DestroyedRoot, IReadOnlyList<DatasetHolding> Holdings, IReadOnlyList<RecipientHolding>? Recipients = null) : GovernanceEvent;

/// <summary>Keys, index rows and ciphertext of the subject were destroyed.</summary>
/// <param name="Records">Number of destroyed records.</param>
/// <param name="DestroyedRoot">RFC 6962 Merkle root over the sorted destroyed key references, hexadecimal.</param>
/// <param name="KeyEpoch">Epoch of the key forest after the puncture.</param>
public sealed record ErasureExecuted(string RequestId, long Records, string DestroyedRoot, long KeyEpoch) : GovernanceEvent;

/// <summary>Every key that opens a copy of the key state from before the erasure was destroyed: no backup brings the records back.</summary>
/// <param name="KeyEpoch">First epoch sealed by the key that is left; the erasure was in an earlier one.</param>
public sealed record ErasureFinalised(string RequestId, long KeyEpoch) : GovernanceEvent;

/// <summary>The key state of a replica's payloads is sealed by a new key-encryption key.</summary>
/// <param name="Log">The inference log whose payloads these are.</param>
/// <param name="Key">Name of the key; no secret.</param>
/// <param name="Epoch">First epoch it sealed.</param>
/// <param name="Retired">Keys that seal nothing any more and are to be destroyed.</param>
public sealed record PayloadKeyRolled(string Log, string Key, long Epoch, IReadOnlyList<string> Retired) : GovernanceEvent;

/// <summary>Retired key-encryption keys were destroyed, or are no longer given to the gateway.</summary>
/// <param name="Ending"><c>file-overwritten</c>, <c>token-object-destroyed</c>, or <c>withdrawn</c>: whoever runs the vault destroyed it there.</param>
public sealed record PayloadKeysDestroyed(string Log, IReadOnlyList<string> Keys, string Ending) : GovernanceEvent;

/// <summary>A payload sink that copies of a subject's answers were sent to, found before the keys were destroyed.</summary>
/// <param name="Records">Answered rows about the subject on routes that sent copies there; one that was dropped on the way is counted too.</param>
public sealed record RecipientHolding(string Sink, long Records);

/// <summary>A registered dataset that holds rows of the subject, found before the keys were destroyed.</summary>
/// <param name="Rows">Rows of the subject; never which.</param>
public sealed record DatasetHolding(string Dataset, int Rows);

/// <summary>A report was made; the PDF lies in the artefact store.</summary>
/// <param name="About">Stream the report is about.</param>
public sealed record ReportIssued(string ReportId, string Kind, string About, Digest Document) : GovernanceEvent;

/// <summary>A replica's inference log as it stood: so that one root covers all.</summary>
public sealed record InferenceLogAnchored(string Origin, long Size, string Root) : GovernanceEvent;

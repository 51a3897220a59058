using System.Text.Json.Serialization;

namespace Governance.Core.Events;

/// <summary>
/// A fact about a governed model. Events are appended, never changed: a new shape of a fact is a new type with the next version suffix,
/// and the old one stays readable for ever. Nothing in an event is personal data of a customer. Immutable.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(ModelRegistered), "model.registered.v1")]
[JsonDerivedType(typeof(TierConfirmed), "model.tier-confirmed.v1")]
[JsonDerivedType(typeof(DeveloperAdded), "model.developer-added.v1")]
[JsonDerivedType(typeof(DatasetRegistered), "dataset.registered.v1")]
[JsonDerivedType(typeof(VersionSubmitted), "version.submitted.v1")]
[JsonDerivedType(typeof(CheckRunStarted), "run.started.v1")]
[JsonDerivedType(typeof(CheckRunCancelled), "run.cancelled.v1")]
[JsonDerivedType(typeof(EvidenceRecorded), "evidence.recorded.v1")]
[JsonDerivedType(typeof(CheckRunFinished), "run.finished.v1")]
[JsonDerivedType(typeof(EvidenceReproduced), "evidence.reproduced.v1")]
[JsonDerivedType(typeof(DocumentAttached), "version.document-attached.v1")]
[JsonDerivedType(typeof(GateEvaluated), "gate.evaluated.v1")]
[JsonDerivedType(typeof(GateDecided), "gate.decided.v2")]
[JsonDerivedType(typeof(VersionSignedOff), "version.signed-off.v1")]
[JsonDerivedType(typeof(VersionPromoted), "version.promoted.v1")]
[JsonDerivedType(typeof(VersionSuspended), "version.suspended.v1")]
[JsonDerivedType(typeof(RouteConfigured), "route.configured.v1")]
[JsonDerivedType(typeof(CanaryStarted), "route.canary-started.v1")]
[JsonDerivedType(typeof(CanaryMoved), "route.canary-moved.v1")]
[JsonDerivedType(typeof(CanaryStopped), "route.canary-stopped.v1")]
[JsonDerivedType(typeof(RouteStopped), "route.stopped.v1")]
[JsonDerivedType(typeof(RouteStarted), "route.started.v1")]
[JsonDerivedType(typeof(FindingRaised), "finding.raised.v1")]
[JsonDerivedType(typeof(FindingAnswered), "finding.answered.v1")]
[JsonDerivedType(typeof(FindingClosed), "finding.closed.v1")]
[JsonDerivedType(typeof(FindingReopened), "finding.reopened.v1")]
[JsonDerivedType(typeof(FindingOverdue), "finding.overdue.v1")]
[JsonDerivedType(typeof(WaiverRequested), "waiver.requested.v1")]
[JsonDerivedType(typeof(WaiverApproved), "waiver.approved.v1")]
[JsonDerivedType(typeof(WaiverDenied), "waiver.denied.v1")]
[JsonDerivedType(typeof(WaiverRevoked), "waiver.revoked.v1")]
[JsonDerivedType(typeof(WaiverReviewed), "waiver.reviewed.v1")]
[JsonDerivedType(typeof(WaiverLapsed), "waiver.lapsed.v1")]
[JsonDerivedType(typeof(PolicyPublished), "policy.published.v1")]
[JsonDerivedType(typeof(PolicyInstalled), "policy.installed.v1")]
[JsonDerivedType(typeof(PolicyProposed), "policy.proposed.v1")]
[JsonDerivedType(typeof(PolicyApproved), "policy.approved.v1")]
[JsonDerivedType(typeof(PolicyWithdrawn), "policy.withdrawn.v1")]
[JsonDerivedType(typeof(ErasureRequested), "erasure.requested.v1")]
[JsonDerivedType(typeof(ErasureApproved), "erasure.approved.v1")]
[JsonDerivedType(typeof(ErasureStarted), "erasure.started.v1")]
[JsonDerivedType(typeof(ErasureExecuted), "erasure.executed.v1")]
[JsonDerivedType(typeof(ErasureFinalised), "erasure.finalised.v1")]
[JsonDerivedType(typeof(PayloadKeyRolled), "payload-key.rolled.v1")]
[JsonDerivedType(typeof(PayloadKeysDestroyed), "payload-key.destroyed.v1")]
[JsonDerivedType(typeof(ReportIssued), "report.issued.v1")]
[JsonDerivedType(typeof(SchedulePaused), "schedule.paused.v1")]
[JsonDerivedType(typeof(ScheduleResumed), "schedule.resumed.v1")]
[JsonDerivedType(typeof(ScheduleFailed), "schedule.failed.v1")]
[JsonDerivedType(typeof(DeadlineReminded), "deadline.reminded.v1")]
[JsonDerivedType(typeof(LiveAlertRaised), "alert.raised.v1")]
[JsonDerivedType(typeof(LiveAlertCleared), "alert.cleared.v1")]
[JsonDerivedType(typeof(InferenceLogAnchored), "inference-log.anchored.v1")]
public abstract record GovernanceEvent;

/// <summary>An event with where, when, by whom and on whose request it was recorded. Immutable.</summary>
public sealed record RecordedEvent
{
    /// <summary>Index in the governance log, from 0. Not part of the stored entry: it is where the entry lies.</summary>
    [JsonIgnore]
    public long Position { get; init; }

    /// <summary>What the event is about: <c>model/{id}</c>, <c>dataset/{id}</c>, <c>erasure/{id}</c>, <c>keys/{log}</c>, <c>policy</c>, <c>log/{name}</c>, <c>schedule/{name}</c>.</summary>
    public required string Stream { get; init; }

    /// <summary>Position within the stream, from 1, without gaps: what optimistic concurrency compares.</summary>
    public required long Version { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Subject of the token that caused it; <c>system</c> for the gateway itself.</summary>
    public required string Actor { get; init; }

    /// <summary>The caller's idempotency key, prefixed with the caller; null for the gateway's own.</summary>
    public string? Request { get; init; }

    /// <summary>Digest of the command the idempotency key came with.</summary>
    public Digest? RequestDigest { get; init; }

    public required GovernanceEvent Event { get; init; }
}

using System.Collections.Immutable;
using Governance.Core.Events;
using Governance.Core.Inventory;
using Governance.Core.Oversight;
using Governance.Core.Serving;

namespace Governance.Core.State;

/// <summary>
/// What is true: the fold of all events up to a position. Immutable, so a reader keeps a consistent view while others append;
/// stopping the fold earlier gives what was true then.
/// </summary>
public sealed partial record GovernanceState
{
    public static GovernanceState Empty { get; } = new();

    /// <summary>Number of events folded: the position of the next one.</summary>
    public long Position { get; private init; }

    /// <summary>Time of the last event folded; the minimum before the first.</summary>
    public DateTimeOffset Time { get; private init; }

    public ImmutableSortedDictionary<string, ModelState> Models { get; private init; } =
        ImmutableSortedDictionary.Create<string, ModelState>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, DatasetRegistration> Datasets { get; private init; } =
        ImmutableSortedDictionary.Create<string, DatasetRegistration>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, ErasureState> Erasures { get; private init; } =
        ImmutableSortedDictionary.Create<string, ErasureState>(StringComparer.Ordinal);

    /// <summary>By inference log, from the first roll on: what seals its payloads' keys.</summary>
    public ImmutableSortedDictionary<string, PayloadKeyState> PayloadKeys { get; private init; } =
        ImmutableSortedDictionary.Create<string, PayloadKeyState>(StringComparer.Ordinal);

    public ImmutableDictionary<string, RecordedEvent> Reports { get; private init; } =
        ImmutableDictionary.Create<string, RecordedEvent>(StringComparer.Ordinal);

    /// <summary>Schedules that were ever paused or failed, by name.</summary>
    public ImmutableSortedDictionary<string, ScheduleState> Schedules { get; private init; } =
        ImmutableSortedDictionary.Create<string, ScheduleState>(StringComparer.Ordinal);

    /// <summary>Open alerts about live traffic, by <see cref="LiveAlertState.Key"/>.</summary>
    public ImmutableSortedDictionary<string, LiveAlertState> LiveAlerts { get; private init; } =
        ImmutableSortedDictionary.Create<string, LiveAlertState>(StringComparer.Ordinal);

    /// <summary>The packs in force, once and to come, and the proposed ones.</summary>
    public PolicyState Policies { get; private init; } = PolicyState.Empty;

    /// <summary>Versions of the streams: what an append expects.</summary>
    public ImmutableDictionary<string, long> Streams { get; private init; } = ImmutableDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>Where the events of each model lie in the log, in order.</summary>
    public ImmutableDictionary<string, ImmutableList<long>> Positions { get; private init; } =
        ImmutableDictionary.Create<string, ImmutableList<long>>(StringComparer.Ordinal);

    /// <summary>Idempotency keys seen, with the digest of the command and where its events lie.</summary>
    public ImmutableDictionary<string, RequestRecord> Requests { get; private init; } =
        ImmutableDictionary.Create<string, RequestRecord>(StringComparer.Ordinal);

    public ImmutableList<long> PositionsOf(string stream) => Positions.GetValueOrDefault(stream, []);

    public long VersionOf(string stream) => Streams.GetValueOrDefault(stream);

    /// <summary>The state after one more event. Events must come in log order.</summary>
    public GovernanceState Apply(RecordedEvent recorded)
    {
        var next = this with
        {
            Position = recorded.Position + 1,
            Time = recorded.Time,
            Streams = Streams.SetItem(recorded.Stream, recorded.Version),
            Positions = recorded.Stream.StartsWith("model/", StringComparison.Ordinal)
                ? Positions.SetItem(recorded.Stream, PositionsOf(recorded.Stream).Add(recorded.Position))
                : Positions,
            Requests = recorded.Request is { } key ? Requests.SetItem(key, RequestRecord.Extend(Requests.GetValueOrDefault(key), recorded)) : Requests,
        };
        return recorded.Event switch
        {
            ModelRegistered e => next with { Models = Models.Add(e.Model.Id, ModelState.Create(e.Model, recorded)) },
            DatasetRegistered e => next with { Datasets = Datasets.Add(e.Dataset.Id, e.Dataset) },
            TierConfirmed e => next.WithModel(e.ModelId, m => m.Confirm(e)),
            DeveloperAdded e => next.WithModel(e.ModelId, m => m.AddDeveloper(e)),
            VersionSubmitted e => next.WithModel(e.ModelId, m => m.Submit(e, recorded)),
            CheckRunStarted e => next.WithVersion(e.ModelId, e.Version, v => v.StartRun(e, recorded)),
            CheckRunCancelled e => next.WithVersion(e.ModelId, e.Version, v => v.CancelRun(e, recorded)),
            EvidenceRecorded e => next.WithVersion(e.ModelId, e.Version, v => v.Record(e, recorded)),
            EvidenceReproduced e => next.WithVersion(e.ModelId, e.Version, v => v.Reproduce(e, recorded)),
            CheckRunFinished e => next.WithVersion(e.ModelId, e.Version, v => v.FinishRun(e, recorded)),
            GateEvaluated e => next.WithVersion(e.ModelId, e.Version, v => v.Decide(e, recorded)),
            // A submission that was denied left no version.
            GateDecided e when next.Version(e.ModelId, e.Version) is null => next,
            GateDecided e => next.WithVersion(e.ModelId, e.Version, v => v.Decide(e, recorded)),
            VersionSignedOff e => next.WithVersion(e.ModelId, e.Version, v => v.SignOff(e, recorded)),
            VersionPromoted e => next.Promote(e, recorded),
            VersionSuspended e => next.Suspend(e),
            RouteConfigured e => next.Configure(e),
            CanaryStarted e => next.Start(e, recorded),
            CanaryMoved e => next.WithSettings(e.ModelId, s => s with { Canary = s.Canary! with { Percent = e.Percent } }),
            CanaryStopped e => next.EndCanary(e.ModelId),
            RouteStopped e => next.WithSettings(e.ModelId, s => s with { Stopped = new RouteStop(e.Reason, recorded.Actor, recorded.Time) }),
            RouteStarted e => next.WithSettings(e.ModelId, s => s with { Stopped = null }),
            PolicyPublished e => next with { Policies = Policies.Publish(e, recorded) },
            PolicyInstalled e => next with { Policies = Policies.Install(e, recorded) },
            PolicyProposed e => next with { Policies = Policies.Propose(e, recorded) },
            PolicyApproved e => next with { Policies = Policies.Approve(e, recorded) },
            PolicyWithdrawn e => next with { Policies = Policies.Withdraw(e, recorded) },
            DocumentAttached e => next.WithVersion(e.ModelId, e.Version, v => v.Attach(e, recorded)),
            FindingRaised e => next.WithModel(e.ModelId, m => m with { Findings = m.Findings.Add(e.FindingId, FindingState.Create(e, recorded)) }),
            FindingAnswered e => next.WithFinding(e.FindingId, f => f.Answer(e, recorded)),
            FindingClosed e => next.WithFinding(e.FindingId, f => f.Close(e, recorded)),
            FindingReopened e => next.WithFinding(e.FindingId, f => f.Reopen(e, recorded)),
            FindingOverdue e => next.WithFinding(e.FindingId, f => f with { OverdueRecorded = true }),
            WaiverRequested e => next.WithModel(e.ModelId, m => m with { Waivers = m.Waivers.Add(e.WaiverId, WaiverState.Create(e, recorded)) }),
            WaiverApproved e => next.WithWaiver(e.WaiverId, w => w.Approve(e, recorded)),
            WaiverDenied e => next.WithWaiver(e.WaiverId, w => w with { Denied = new WaiverEnding(e.Person, e.PersonName, e.Reason, recorded.Time, recorded.Position) }),
            WaiverRevoked e => next.WithWaiver(e.WaiverId, w => w with { Revoked = new WaiverEnding(e.Person, e.PersonName, e.Reason, recorded.Time, recorded.Position) }),
            WaiverReviewed e => next.WithWaiver(e.WaiverId, w => w.Review(e, recorded)),
            WaiverLapsed e => next.WithWaiver(e.WaiverId, w => w with { Lapse = e.Cause }),
            ErasureRequested e => next with { Erasures = Erasures.Add(e.RequestId, ErasureState.Create(e, recorded)) },
            ErasureApproved e => next.WithErasure(e.RequestId, r => r.Approve(e, recorded)),
            ErasureStarted e => next.WithErasure(e.RequestId, r => r with { Started = e }),
            ErasureExecuted e => next.WithErasure(e.RequestId, r => r with { Executed = e, ExecutedAt = recorded.Time, ExecutedPosition = recorded.Position }),
            ErasureFinalised e => next.WithErasure(e.RequestId, r => r with { Finalised = e, FinalisedAt = recorded.Time, FinalisedPosition = recorded.Position }),
            PayloadKeyRolled e => next with { PayloadKeys = next.PayloadKeys.SetItem(e.Log, new PayloadKeyState(e.Key, e.Epoch, [.. e.Retired], recorded.Time)) },
            PayloadKeysDestroyed e => next with { PayloadKeys = next.PayloadKeys.SetItem(e.Log, next.PayloadKeys[e.Log].Without(e.Keys)) },
            ReportIssued e => next with { Reports = Reports.SetItem(e.ReportId, recorded) },
            SchedulePaused e => next.WithSchedule(e.Schedule, s => s with { Paused = e.Reason, PausedBy = recorded.Actor }),
            ScheduleResumed e => next.WithSchedule(e.Schedule, s => s with { Paused = null, PausedBy = null }),
            ScheduleFailed e => next.WithSchedule(e.Schedule, s => s with { Failure = new ScheduleFailure(recorded.Time, e.Node, e.Reason, e.Attempts) }),
            DeadlineReminded e => next.WithVersion(e.ModelId, e.Version, v => v with { Reminders = v.Reminders.SetItem(Deadline.KeyOf(e.Kind, e.About), e.Due) }),
            InferenceLogAnchored => next,
            LiveAlertRaised e => next with { LiveAlerts = next.LiveAlerts.SetItem(LiveAlertState.KeyOf(e.ModelId, e.Version, e.Monitor, e.About), new LiveAlertState(e, recorded.Time, recorded.Position)) },
            LiveAlertCleared e => next with { LiveAlerts = next.LiveAlerts.Remove(LiveAlertState.KeyOf(e.ModelId, e.Version, e.Monitor, e.About)) },
            _ => throw new InvalidOperationException($"No fold for {recorded.Event.GetType().Name}."),
        };
    }

    public ModelState? Model(string id) => Models.GetValueOrDefault(id);

    public VersionState? Version(string modelId, int number) => Model(modelId)?.Versions.GetValueOrDefault(number);

    /// <param name="id">As <see cref="Numbered"/> writes it.</param>
    public FindingState? Finding(string id) => Model(Numbered.ModelOf(id))?.Findings.GetValueOrDefault(id);

    /// <param name="id">As <see cref="Numbered"/> writes it.</param>
    public WaiverState? Waiver(string id) => Model(Numbered.ModelOf(id))?.Waivers.GetValueOrDefault(id);

    /// <summary>Where a waiver stands at an instant.</summary>
    public WaiverStatus StatusOf(WaiverState waiver, DateTimeOffset now) =>
        waiver.At(now, Version(waiver.Request.ModelId, waiver.Request.Version)!.Content(this, waiver.Request.Checks));

    private GovernanceState WithFinding(string id, Func<FindingState, FindingState> change) =>
        WithModel(Numbered.ModelOf(id), m => m with { Findings = m.Findings.SetItem(id, change(m.Findings[id])) });

    private GovernanceState WithWaiver(string id, Func<WaiverState, WaiverState> change) =>
        WithModel(Numbered.ModelOf(id), m => m with { Waivers = m.Waivers.SetItem(id, change(m.Waivers[id])) });

    private GovernanceState WithModel(string id, Func<ModelState, ModelState> change) =>
        this with { Models = Models.SetItem(id, change(Models[id])) };

    private GovernanceState WithVersion(string id, int number, Func<VersionState, VersionState> change) =>
        WithModel(id, m => m with { Versions = m.Versions.SetItem(number, change(m.Versions[number])) });

    private GovernanceState WithErasure(string id, Func<ErasureState, ErasureState> change) =>
        this with { Erasures = Erasures.SetItem(id, change(Erasures[id])) };

    private GovernanceState WithSchedule(string name, Func<ScheduleState, ScheduleState> change) =>
        this with { Schedules = Schedules.SetItem(name, change(Schedules.GetValueOrDefault(name, new ScheduleState()))) };
}

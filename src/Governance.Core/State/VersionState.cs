using System.Collections.Immutable;
using Governance.Core.Events;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Inventory;

namespace Governance.Core.State;

/// <summary>A version, its evidence, signatures and status. Immutable.</summary>
public sealed record VersionState
{
    public required string ModelId { get; init; }

    public required VersionSubmission Submission { get; init; }

    public required string SubmittedBy { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>Position of the submission in the governance log.</summary>
    public required long SubmittedPosition { get; init; }

    public VersionStatus Status { get; init; }

    /// <summary>Why it was suspended or rejected.</summary>
    public string? StatusReason { get; init; }

    /// <summary>The rule of policy by which it was suspended; null when a person did.</summary>
    public string? StatusRule { get; init; }

    /// <summary>Latest evidence of each check.</summary>
    public ImmutableSortedDictionary<string, EvidenceState> Evidence { get; init; } =
        ImmutableSortedDictionary.Create<string, EvidenceState>(StringComparer.Ordinal);

    /// <summary>The latest comparison with a second computation, by the envelope that was computed again.</summary>
    public ImmutableDictionary<Digest, ReproductionState> Reproductions { get; init; } = ImmutableDictionary<Digest, ReproductionState>.Empty;

    /// <summary>The latest document of each kind; adjustments by kind and title.</summary>
    public ImmutableSortedDictionary<string, DocumentState> Documents { get; init; } =
        ImmutableSortedDictionary.Create<string, DocumentState>(StringComparer.Ordinal);

    public ImmutableList<SignOffState> SignOffs { get; init; } = [];

    public ImmutableList<RunState> Runs { get; init; } = [];

    /// <summary>Dates that were reminded of: kind and subject to the date.</summary>
    public ImmutableSortedDictionary<string, DateTimeOffset> Reminders { get; init; } = ImmutableSortedDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);

    /// <summary>The latest recorded decision of each gate.</summary>
    public ImmutableSortedDictionary<string, GateState> Gates { get; init; } = ImmutableSortedDictionary.Create<string, GateState>(StringComparer.Ordinal);

    /// <summary>The latest recorded decision about a promotion.</summary>
    public GateState? LastGate => Gates.GetValueOrDefault(GateNames.Promote);

    public int Number => Submission.Number;

    /// <summary>Whether it answers anybody: as the champion, or as the canary.</summary>
    public bool Serves => Status is VersionStatus.Promoted or VersionStatus.Canary;

    /// <summary>Whether one request can be put to both: the same features in the same order, and the same label is good for the person.</summary>
    public bool AnswersFor(VersionState other) =>
        Submission.FavourablePrediction == other.Submission.FavourablePrediction
        && Submission.Features.SequenceEqual(other.Submission.Features, StringComparer.Ordinal);

    /// <summary>
    /// Digest of exactly what a signature covers: artefact, datasets, decision rule, evidence, documents and policy. When it changes, earlier
    /// signatures no longer count.
    /// </summary>
    public Digest Binding(GovernanceState state, Digest policy) => Digest.Of(GovernanceJson.Serialize(new
    {
        model = ModelId,
        submission = Submission,
        training = state.Datasets[Submission.TrainingDataset].Digest,
        evaluation = state.Datasets[Submission.EvaluationDataset].Digest,
        evidence = Evidence.Values.Select(e => new { e.Check, e.Result }),
        documents = Documents.IsEmpty ? null : Documents.Values.Select(d => new { d.Kind, d.Title, d.File, d.Expires }),
        policy,
    }));

    /// <summary>Digest of the artefact, the datasets, the decision rule and the evidence of some checks: what a waiver covers.</summary>
    public Digest Content(GovernanceState state, IReadOnlyList<string> checks) => Digest.Of(GovernanceJson.Serialize(new
    {
        model = ModelId,
        submission = Submission,
        training = state.Datasets[Submission.TrainingDataset].Digest,
        evaluation = state.Datasets[Submission.EvaluationDataset].Digest,
        evidence = Evidence.Values.Where(e => checks.Contains(e.Check, StringComparer.Ordinal)).Select(e => new { e.Check, e.Result }),
    }));

    /// <summary>Signatures that still cover what the version is now; the latest of each person.</summary>
    public IEnumerable<SignOffState> ValidSignOffs(GovernanceState state, Digest policy)
    {
        var binding = Binding(state, policy);
        return SignOffs.Where(s => s.Binding == binding).GroupBy(s => s.Person, StringComparer.Ordinal).Select(g => g.Last());
    }

    internal static VersionState Create(VersionSubmitted e, RecordedEvent recorded) => new()
    {
        ModelId = e.ModelId,
        Submission = e.Version,
        SubmittedBy = recorded.Actor,
        SubmittedAt = recorded.Time,
        SubmittedPosition = recorded.Position,
    };

    /// <summary>The version as it would be when submitted now.</summary>
    internal static VersionState Create(VersionSubmitted e, Decisions.DecisionContext context) => new()
    {
        ModelId = e.ModelId,
        Submission = e.Version,
        SubmittedBy = context.Caller.Subject,
        SubmittedAt = context.Now,
        SubmittedPosition = context.State.Position,
    };

    internal VersionState StartRun(CheckRunStarted e, RecordedEvent recorded) =>
        this with
        {
            Runs = Runs.Add(new RunState(e.RunId, e.Checks, e.Seed, recorded.Time, recorded.Actor)
            {
                NoCache = e.NoCache ?? false, Settings = e.Settings, Options = e.Options ?? new RunOptions(),
            }),
        };

    internal VersionState CancelRun(CheckRunCancelled e, RecordedEvent recorded) => WithRun(e.RunId, r => r with { CancelledBy = recorded.Actor });

    internal VersionState Record(EvidenceRecorded e, RecordedEvent recorded) =>
        this with { Evidence = Evidence.SetItem(e.Check, new EvidenceState(e.Check, e.Family, e.Envelope, e.Result, e.RunId, recorded.Time, recorded.Position)) };

    internal VersionState Reproduce(EvidenceReproduced e, RecordedEvent recorded) =>
        this with { Reproductions = Reproductions.SetItem(e.Evidence, new ReproductionState(e.Comparison, e.Same, e.Engine, e.Platform, recorded.Time, recorded.Position)) };

    internal VersionState Decide(GateDecided e, RecordedEvent recorded) =>
        this with { Gates = Gates.SetItem(e.Gate, new GateState(e.Status, e.Policy, e.Document, null, e.Blocking, recorded.Time, recorded.Position)) };

    internal VersionState Decide(GateEvaluated e, RecordedEvent recorded) => this with
    {
        Gates = Gates.SetItem(e.Decision.Gate, new GateState(
            e.Decision.Status, e.Decision.PolicyDigest, Digest.Of(GovernanceJson.Serialize(e.Decision)), e.Decision,
            [.. e.Decision.Rules.Where(r => r.Blocks).Select(r => r.Rule).Take(GateDecided.MostBlocking)], recorded.Time, recorded.Position)),
    };

    internal VersionState Attach(DocumentAttached e, RecordedEvent recorded) => this with
    {
        Documents = Documents.SetItem(
            e.Kind == DocumentKind.Adjustment ? $"{e.Kind}:{e.Title}" : e.Kind,
            new DocumentState(e.Kind, e.Title, e.File, e.Expires, e.Role, e.Covers, recorded.Actor, recorded.Time, recorded.Position)),
    };

    internal VersionState FinishRun(CheckRunFinished e, RecordedEvent recorded) =>
        WithRun(e.RunId, r => r with { Finished = e, FinishedAt = recorded.Time });

    private VersionState WithRun(string runId, Func<RunState, RunState> change)
    {
        var index = Runs.FindIndex(r => r.Id == runId);
        return index < 0 ? this : this with { Runs = Runs.SetItem(index, change(Runs[index])) };
    }

    internal VersionState SignOff(VersionSignedOff e, RecordedEvent recorded) => this with
    {
        SignOffs = SignOffs.Add(new SignOffState(e.Person, e.PersonName, e.Role, e.Line, e.Meaning, e.Comment, e.Binding, recorded.Time, recorded.Position)),
        Status = e.Meaning == SignOffMeaning.Rejected ? VersionStatus.Rejected : Status,
        StatusReason = e.Meaning == SignOffMeaning.Rejected ? e.Comment : StatusReason,
    };
}

/// <param name="Envelope">Digest of the signed envelope in the artefact store.</param>
/// <param name="Result">Digest of the reproducible part.</param>
public sealed record EvidenceState(string Check, CheckFamily Family, Digest Envelope, Digest Result, string RunId, DateTimeOffset Time, long Position);

/// <param name="Comparison">Digest of the signed comparison in the artefact store.</param>
public sealed record ReproductionState(Digest Comparison, bool Same, string Engine, string Platform, DateTimeOffset Time, long Position);

/// <param name="File">Digest of the file in the artefact store.</param>
public sealed record DocumentState(
    string Kind, string Title, Digest File, DateTimeOffset? Expires, string Role, IReadOnlyList<string> Covers, string AttachedBy, DateTimeOffset Time, long Position);

public sealed record SignOffState(
    string Person, string PersonName, string Role, int Line, SignOffMeaning Meaning, string Comment, Digest Binding, DateTimeOffset Time, long Position);

/// <summary>A recorded decision of a gate.</summary>
/// <param name="Document">Digest of the complete decision in the artefact store.</param>
/// <param name="Inline">The decision itself, when the event held it; null when it lies in the artefact store.</param>
/// <param name="Blocking">Rules that block, the first of them.</param>
public sealed record GateState(
    GateStatus Status, Digest Policy, Digest Document, GateDecision? Inline, IReadOnlyList<string> Blocking, DateTimeOffset Time, long Position);

/// <param name="Checks">What was asked for.</param>
public sealed record RunState(string Id, IReadOnlyList<string> Checks, long Seed, DateTimeOffset StartedAt, string StartedBy)
{
    /// <summary>Compute again what has a result.</summary>
    public bool NoCache { get; init; }

    /// <summary>What it computes with beside the version; null for nothing.</summary>
    public RunSettings? Settings { get; init; }

    /// <summary>How it is to be carried out.</summary>
    public RunOptions Options { get; init; } = new();

    /// <summary>Who stopped it; null when nobody did.</summary>
    public string? CancelledBy { get; init; }

    /// <summary>How it ended; null while it waits or runs.</summary>
    public CheckRunFinished? Finished { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}

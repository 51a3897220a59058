using Governance.Core;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Inventory;

namespace Governance.Client.Contracts;

public sealed record ModelSummary(
    string Id, string Name, string Use, Tier Tier, bool TierConfirmed, string Owner, int Versions, int? Champion, VersionStatus? LatestStatus);

public sealed record ModelDetails(
    ModelRegistration Registration, bool TierConfirmed, string RegisteredBy, DateTimeOffset RegisteredAt, int? Champion, IReadOnlyList<VersionSummary> Versions);

public sealed record VersionSummary(
    int Number, VersionStatus Status, Digest Artifact, string Description, string SubmittedBy, DateTimeOffset SubmittedAt, int Evidence, GateStatus? LastGate);

public sealed record VersionDetails
{
    public required string ModelId { get; init; }

    public required VersionSubmission Submission { get; init; }

    public required VersionStatus Status { get; init; }

    public string? StatusReason { get; init; }

    public required string SubmittedBy { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>What a signature made now would cover; state it when signing.</summary>
    public required Digest Binding { get; init; }

    public required IReadOnlyList<EvidenceSummary> Evidence { get; init; }

    public required IReadOnlyList<SignOffDetails> SignOffs { get; init; }

    public required IReadOnlyList<RunDetails> Runs { get; init; }

    /// <summary>What was attached; a later document of the same kind replaced the earlier.</summary>
    public IReadOnlyList<DocumentDetails> Documents { get; init; } = [];

    /// <summary>The latest recorded gate decision; null when the version was never put before the gate.</summary>
    public GateDecision? LastGate { get; init; }
}

/// <param name="Envelope">Fetch it with <c>GET /api/v1/evidence/{envelope}</c>.</param>
/// <param name="LedgerIndex">Entry of the governance log that records it.</param>
/// <param name="Reproduced">Whether a second computation gave the same; null when there was none.</param>
public sealed record EvidenceSummary(
    string Check, CheckFamily Family, Digest Envelope, Digest Result, string Summary, DateTimeOffset Time, long LedgerIndex, ReproductionSummary? Reproduced = null);

/// <param name="Engine">Where it was computed again.</param>
/// <param name="Platform">Of the node that did it.</param>
public sealed record ReproductionSummary(bool Same, string Engine, string Platform, DateTimeOffset Time);

/// <param name="Valid">False when what was signed has changed since.</param>
public sealed record SignOffDetails(
    string Person, string PersonName, string Role, int Line, SignOffMeaning Meaning, string Comment, DateTimeOffset Time, bool Valid, long LedgerIndex);

/// <param name="Kind">snake_case: <c>dpia</c>, <c>validation_report</c>.</param>
/// <param name="File">Fetch it with <c>GET /api/v1/models/{id}/versions/{number}/documents/{file}</c>.</param>
/// <param name="Expires">From then on it no longer counts; null for no end.</param>
/// <param name="Role">In which it was attached.</param>
/// <param name="Covers">Features a reason catalogue maps.</param>
public sealed record DocumentDetails(
    string Kind, string Title, Digest File, DateTimeOffset? Expires, string AttachedBy, string Role, DateTimeOffset Time, IReadOnlyList<string> Covers, long LedgerIndex);

/// <summary>The <c>metadata</c> part of a document's upload; the document is the part <c>file</c>.</summary>
/// <param name="Kind">One of the kinds in docs/policy.md: <c>dpia</c>, <c>validation_report</c>.</param>
/// <param name="Title">For people; tells adjustments apart.</param>
/// <param name="Expires">From then on it no longer counts.</param>
public sealed record AttachDocumentRequest(string Kind, string Title, DateTimeOffset? Expires = null);

public enum RunStatus
{
    Queued,
    Running,
    Succeeded,

    /// <summary>Ended, with at least one check failed.</summary>
    Failed,

    /// <summary>No gateway is at work on it now; it goes on when the one that started it is back.</summary>
    Interrupted,

    /// <summary>Somebody stopped it.</summary>
    Cancelled,

    /// <summary>Its deadline passed before it had ended.</summary>
    Expired,
}

public sealed record RunDetails
{
    public required string Id { get; init; }

    public required string ModelId { get; init; }

    public required int Version { get; init; }

    public required RunStatus Status { get; init; }

    public required long Seed { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What it computes with beside the version; null for nothing.</summary>
    public RunSettings? Settings { get; init; }

    public required IReadOnlyList<RunCheck> Checks { get; init; }

    /// <summary>How it is carried out, where that is not the usual; null for the usual.</summary>
    public RunOptions? Options { get; init; }

    /// <summary>What whoever asked for it has to know while it runs: that it will not meet its deadline. Null when nothing.</summary>
    public string? Warning { get; init; }

    /// <summary>Seconds that its shards worked; null while it waits or runs, and when none did.</summary>
    public double? ShardSeconds { get; init; }
}

public enum RunCheckStatus
{
    Waiting,
    Running,
    Recorded,
    NotApplicable,
    Failed,
}

/// <param name="Progress">Share of shards done, 0 to 1.</param>
/// <param name="Note">The finding, or why there is none.</param>
/// <param name="PiecesDone">Pieces of its work that have a result, while it runs.</param>
/// <param name="Pieces">Pieces that its work was cut into; 0 before it runs.</param>
public sealed record RunCheck(string Check, RunCheckStatus Status, double Progress, string? Note, int PiecesDone = 0, int Pieces = 0);

public sealed record ConfirmTierRequest(Tier Tier);

/// <summary>The <c>metadata</c> part of a version upload; the ONNX file is the part <c>file</c>.</summary>
public sealed record SubmitVersionRequest
{
    public required string Description { get; init; }

    /// <summary>Input order; empty to take the feature columns of the evaluation data in their order.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    public required string TrainingDataset { get; init; }

    public required string EvaluationDataset { get; init; }

    public required double Threshold { get; init; }

    public required int FavourablePrediction { get; init; }

    public string? ReferenceScore { get; init; }
}

/// <param name="Checks">Check ids; empty for all that apply.</param>
/// <param name="NoCache">Compute again what has a result.</param>
public sealed record StartRunRequest(IReadOnlyList<string>? Checks = null, long Seed = 20260101, bool NoCache = false)
{
    /// <summary>Version of the same model that is in use now; null for none.</summary>
    public int? Champion { get; init; }

    /// <summary>Version of the same model that this one follows; null for none.</summary>
    public int? Previous { get; init; }

    /// <summary>Versions of the same model that were considered beside it; at most 20.</summary>
    public IReadOnlyList<int>? Alternatives { get; init; }

    /// <summary>Parameters that differ from their defaults: check id to name to value.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>>? Parameters { get; init; }

    /// <summary>Rules by feature, each in the place of the dataset schema's: the JSON form of <c>Governance.Data.FeatureRule</c>.</summary>
    public System.Text.Json.JsonElement? FeatureRules { get; init; }

    public RunPriority Priority { get; init; } = RunPriority.Normal;

    /// <summary>What has not ended by then ends as expired: in the future, within 30 days.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>One of the gateway's engines; null for its usual one.</summary>
    public string? Engine { get; init; }

    /// <summary>As the log records them: what is the usual is left out.</summary>
    public RunOptions ToOptions() => new()
    {
        Priority = Priority == RunPriority.Normal ? null : Priority,
        Deadline = Deadline?.ToUniversalTime(),
        Engine = Engine,
    };

    /// <summary>Some checks of a run, as it ran them; without its deadline, which may have passed, and without feature rules, which it names by digest only.</summary>
    public static StartRunRequest Again(RunDetails run, IReadOnlyList<string> checks) => new(checks, run.Seed)
    {
        Champion = run.Settings?.Champion,
        Previous = run.Settings?.Previous,
        Alternatives = run.Settings?.Alternatives,
        Parameters = run.Settings?.Parameters?.Where(p => checks.Contains(p.Check)).GroupBy(p => p.Check, StringComparer.Ordinal).ToDictionary(
            g => g.Key, IReadOnlyDictionary<string, double> (g) => g.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal), StringComparer.Ordinal),
        Priority = run.Options?.Priority ?? RunPriority.Normal,
        Engine = run.Options?.Engine,
    };
}

/// <param name="Engine">One of the gateway's engines; null for its usual one.</param>
public sealed record ReproduceRequest(string? Engine = null);

/// <summary>How evidence compares with a second computation of it.</summary>
/// <param name="Comparison">Digest of the signed comparison.</param>
/// <param name="Tolerance">Largest relative difference that counts as none; 0 where results must be equal to the digest.</param>
/// <param name="Differences">The first of them; empty when the results are the same.</param>
public sealed record ReproductionDetails(
    Digest Evidence, string Check, Digest Comparison, bool Same, double Tolerance, string Engine, string Platform, string OriginalEngine, DateTimeOffset Time, long LedgerIndex,
    IReadOnlyList<ResultDifference> Differences);

/// <param name="Role">The role to sign in: <c>validator</c>, <c>compliance</c>, <c>committee</c> or <c>owner</c>.</param>
/// <param name="Binding">As shown with the version.</param>
public sealed record SignOffRequest(string Role, SignOffMeaning Meaning, string Comment, Digest Binding);

public sealed record PromoteRequest(PromotionTarget Target = PromotionTarget.Champion);

/// <param name="Replaced">Version that answered before.</param>
public sealed record PromotionDetails(string Route, int Version, int? Replaced, GateDecision Decision, long LedgerIndex);

public sealed record SuspendRequest(string Reason);

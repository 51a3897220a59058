using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Oversight;
using Governance.Core.State;

namespace Governance.Gateway.Portal;

/// <summary>
/// What the pages read: the same records as the REST API gives, so that a person and a program see one truth. Implementations read immutable
/// snapshots and change nothing. Thread-safe.
/// </summary>
public interface IPortalReader
{
    /// <param name="pageToken">From the previous page's <see cref="Page{T}.Next"/>; null for the first.</param>
    ValueTask<Page<ModelSummary>> ModelsAsync(string? pageToken, CancellationToken cancellationToken);

    /// <param name="asOf">The instant to look back to; null for now.</param>
    /// <returns>Null when there is, or was then, no such model.</returns>
    ValueTask<ModelDetails?> ModelAsync(string modelId, DateTimeOffset? asOf, CancellationToken cancellationToken);

    ValueTask<VersionDetails?> VersionAsync(string modelId, int version, CancellationToken cancellationToken);

    ValueTask<DatasetPicture?> DatasetAsync(string datasetId, CancellationToken cancellationToken);

    /// <summary>What happened to a version, latest first.</summary>
    ValueTask<IReadOnlyList<HistoryEntry>> HistoryAsync(string modelId, int version, CancellationToken cancellationToken);

    /// <summary>What the gate would say to a promotion of the version now; nothing is recorded. Null when there is no such version.</summary>
    ValueTask<GateDecision?> GateNowAsync(Caller caller, string modelId, int version, CancellationToken cancellationToken);

    /// <summary>Findings as a work list: open ones first, the gravest and soonest due on top.</summary>
    /// <param name="modelId">Null for all.</param>
    /// <param name="version">Those that hold for it; null for all.</param>
    ValueTask<Page<FindingDetails>> FindingsAsync(string? modelId, int? version, FindingStatus? status, string? pageToken, CancellationToken cancellationToken);

    ValueTask<FindingDetails?> FindingAsync(string findingId, CancellationToken cancellationToken);

    /// <summary>Waivers as a work list: those waiting for approval first, then those in force, then the others; the soonest to end on top.</summary>
    ValueTask<Page<WaiverDetails>> WaiversAsync(string? modelId, int? version, WaiverStatus? status, string? pageToken, CancellationToken cancellationToken);

    ValueTask<WaiverDetails?> WaiverAsync(string waiverId, CancellationToken cancellationToken);

    /// <summary>A route and its live traffic in a window. Null when there is no such model.</summary>
    /// <param name="minutes">Length of the window.</param>
    ValueTask<RoutePicture?> RouteAsync(string name, int minutes, CancellationToken cancellationToken);

    /// <summary>What somebody has to look at, most urgent first.</summary>
    ValueTask<IReadOnlyList<Alert>> AlertsAsync(CancellationToken cancellationToken);

    /// <summary>How long ago a person may have signed in to sign something about a model.</summary>
    ValueTask<TimeSpan> SignatureMaxAgeAsync(string modelId, CancellationToken cancellationToken);

    /// <summary>The finding inside a signed envelope; null when it is absent or its signature does not verify.</summary>
    ValueTask<CheckResult?> EvidenceAsync(Digest envelope, CancellationToken cancellationToken);

    /// <summary>The statistical tests of a version's recorded evidence together, adjusted over the review. Empty when there is no such version.</summary>
    ValueTask<IReadOnlyList<ReviewTest>> TestsAsync(string modelId, int version, CancellationToken cancellationToken);

    /// <summary>The governance log's checkpoint; null before the first.</summary>
    ValueTask<LogDetails?> LogAsync(CancellationToken cancellationToken);

    /// <summary>Entries of the governance log, latest first.</summary>
    ValueTask<Page<LogEntry>> EntriesAsync(string? pageToken, CancellationToken cancellationToken);
}

/// <summary>One thing that happened.</summary>
/// <param name="Title">What, in a few words: "Submitted", "Signed off by Victor Lindqvist (validator)".</param>
/// <param name="Detail">More, for those who want it.</param>
/// <param name="Tone">How to show it.</param>
/// <param name="LedgerIndex">Entry of the governance log that records it.</param>
public sealed record HistoryEntry(DateTimeOffset Time, string Title, string? Detail, string Actor, Tone Tone, long LedgerIndex);

/// <summary>A dataset and what it was made from, nearest first.</summary>
public sealed record DatasetPicture(DatasetRegistration Dataset, IReadOnlyList<LineageStep> Lineage);

/// <summary>A route and what it does.</summary>
public sealed record RoutePicture(RouteDetails Route, LiveRoute Live);

/// <summary>What a status means at a glance. Never shown by colour alone.</summary>
public enum Tone
{
    Neutral,
    Good,
    Caution,
    Bad,
    Info,
}

using Governance.Core.Evidence;
using Governance.Core.Inventory;

namespace Governance.Core.Events;

/// <summary>Checks were started on a version.</summary>
/// <param name="NoCache">True to compute again what has a result.</param>
/// <param name="Settings">What it computes with beside the version; null for nothing.</param>
/// <param name="Options">How it is to be run, where that is not the usual; null for the usual.</param>
public sealed record CheckRunStarted(
    string ModelId, int Version, string RunId, IReadOnlyList<string> Checks, long Seed, bool? NoCache = null, RunSettings? Settings = null,
    RunOptions? Options = null) : GovernanceEvent;

/// <summary>A person stopped a run. What it had recorded stays; what was left is not computed.</summary>
public sealed record CheckRunCancelled(string ModelId, int Version, string RunId) : GovernanceEvent;

/// <summary>
/// A check left evidence. The signed envelope lies in the artefact store under <paramref name="Envelope"/>;
/// <paramref name="Result"/> is the digest of the reproducible part alone.
/// </summary>
public sealed record EvidenceRecorded(string ModelId, int Version, string RunId, string Check, CheckFamily Family, Digest Envelope, Digest Result)
    : GovernanceEvent;

/// <summary>How one check of a run ended without evidence.</summary>
/// <param name="Reason">For people; why it is not applicable, or what failed.</param>
public sealed record CheckNotRun(string Check, string Reason);

/// <summary>A run ended: in evidence, or in reasons.</summary>
/// <param name="ShardSeconds">Time that its shards worked: what the quota of its team counts.</param>
/// <param name="Expired">Why it ended at its deadline; null when it did not.</param>
public sealed record CheckRunFinished(
    string ModelId, int Version, string RunId, int Recorded, IReadOnlyList<CheckNotRun> NotApplicable, IReadOnlyList<CheckNotRun> Failed,
    double? ShardSeconds = null, string? Expired = null)
    : GovernanceEvent;

/// <summary>
/// Evidence was computed again elsewhere and compared. The signed comparison lies in the artefact store under <paramref name="Comparison"/>.
/// </summary>
/// <param name="Evidence">Envelope of the evidence that was computed again.</param>
/// <param name="Same">Whether the results are the same: by digest, or within the tolerance that the check declares.</param>
/// <param name="Engine">Where the second computation ran.</param>
/// <param name="Platform">Of the node that did it.</param>
public sealed record EvidenceReproduced(
    string ModelId, int Version, string RunId, string Check, Digest Evidence, Digest Comparison, bool Same, string Engine, string Platform)
    : GovernanceEvent;

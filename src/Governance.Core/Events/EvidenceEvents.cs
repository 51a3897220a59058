using Governance.Core.Evidence;

namespace Governance.Core.Events;

/// <summary>Checks were started on a version.</summary>
/// <param name="NoCache">True to compute again what has a result.</param>
/// <param name="Settings">Null for none.</param>
public sealed record CheckRunStarted(
    string ModelId, int Version, string RunId, IReadOnlyList<string> Checks, long Seed, bool? NoCache = null, RunSettings? Settings = null) : GovernanceEvent;

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
public sealed record CheckRunFinished(
    string ModelId, int Version, string RunId, int Recorded, IReadOnlyList<CheckNotRun> NotApplicable, IReadOnlyList<CheckNotRun> Failed)
    : GovernanceEvent;

namespace Governance.Core.Gates;

/// <summary>What happened to a part of a pack.</summary>
public enum PolicyChangeKind
{
    Added,
    Removed,
    Changed,
}

/// <summary>One difference in meaning between two packs. Immutable.</summary>
/// <param name="What"><c>rule</c>, <c>parameter</c>, <c>policy</c> or <c>pack</c>.</param>
/// <param name="Id">Rule, parameter or policy.</param>
/// <param name="Field">What changed of it; null when the whole was added or removed.</param>
public sealed record PolicyChange(PolicyChangeKind Kind, string What, string Id, string? Field, string? Before, string? After);

/// <summary>How a rule comes out otherwise. Immutable.</summary>
/// <param name="Before">Null when the rule is new or did not apply.</param>
/// <param name="After">Null when the rule is gone or does not apply any more.</param>
public sealed record RuleDifference(
    string Rule, RuleStatus? Before, RuleStatus? After, double? Value, double? ThresholdBefore, double? ThresholdAfter, string? Message);

/// <summary>A decision that would come out otherwise: as a whole, or in some rule. Immutable.</summary>
/// <param name="Position">Entry of the governance log; null for what is in service now.</param>
public sealed record DryRunDifference(
    string ModelId, int Version, string Gate, long? Position, DateTimeOffset Time, GateStatus Before, GateStatus After, IReadOnlyList<RuleDifference> Rules);

/// <summary>What a candidate pack would change. Immutable; stored with the proposal.</summary>
/// <param name="Changes">How the candidate differs from the pack in force.</param>
/// <param name="LiveExamined">Versions in service.</param>
/// <param name="Live">Those of them that come out otherwise.</param>
/// <param name="PastExamined">Recorded decisions that were made again: the newest, a bounded number of them.</param>
/// <param name="PastTotal">Recorded decisions in all.</param>
/// <param name="PastUnreadable">Recorded decisions whose input was not kept or cannot be read.</param>
/// <param name="Past">Those examined that come out otherwise, newest first; the first of them.</param>
/// <param name="PastDiffering">How many those are in all.</param>
public sealed record DryRunReport(
    string Current, string Candidate, Digest CandidatePolicy, Digest CandidateParams, IReadOnlyList<PolicyChange> Changes, int LiveExamined,
    IReadOnlyList<DryRunDifference> Live, int PastExamined, int PastTotal, int PastUnreadable, IReadOnlyList<DryRunDifference> Past, int PastDiffering);

/// <summary>A field of a decision that does not come out as it was recorded. Immutable.</summary>
/// <param name="Field">Path in the decision: <c>rules[fairness-impact-ratio].value</c>.</param>
/// <param name="Recorded">As JSON; null when there was none.</param>
/// <param name="Recomputed">As JSON; null when there is none.</param>
public sealed record ReplayMismatch(string Field, string? Recorded, string? Recomputed);

/// <summary>What a replay found. Immutable.</summary>
/// <param name="Position">Entry of the governance log.</param>
/// <param name="Reproduced">The decision was computed again and is the recorded one, byte for byte.</param>
/// <param name="Decision">The recorded decision; null when it cannot be read.</param>
/// <param name="Mismatches">Empty when reproduced; else the first mismatches.</param>
public sealed record ReplayVerdict(long Position, bool Reproduced, GateDecision? Decision, IReadOnlyList<ReplayMismatch> Mismatches);

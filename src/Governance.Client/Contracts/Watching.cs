using System.Text.Json.Serialization;
using Governance.Core.Oversight;

namespace Governance.Client.Contracts;

/// <summary>Live traffic of a route in a window, by arm. Nothing in it is about a person.</summary>
/// <param name="Minutes">Length of the window.</param>
/// <param name="Alerts">Open alerts about it.</param>
public sealed record LiveRoute(string Name, int Minutes, DateTimeOffset At, IReadOnlyList<LiveArm> Arms, IReadOnlyList<Alert> Alerts);

/// <summary>One version in one role. Shares and quantiles are null while too few rows are known.</summary>
/// <param name="Arm"><c>champion</c> or <c>canary</c>.</param>
/// <param name="Requests">Answered requests.</param>
/// <param name="Rows">Answered rows.</param>
/// <param name="Refused">Requests that policy refused.</param>
/// <param name="Failed">Requests that failed.</param>
/// <param name="AdverseRate">Share of the decisions that are adverse, 0 to 1.</param>
/// <param name="MedianMs">Half of the requests are answered within, in milliseconds; right to 2 %.</param>
/// <param name="Drift">The score first, then features, by the model's order.</param>
/// <param name="Outcomes">What reported outcomes say of the version, of all time; null below 20.</param>
public sealed record LiveArm(
    string Arm, int Version, long Requests, long Rows, long Refused, long Failed, double? AdverseRate, double? ScoreMean, double? MedianMs, double? P90Ms, double? P99Ms,
    IReadOnlyList<LiveDrift> Drift, LiveOutcomes? Outcomes)
{
    /// <summary>By protected group, where the route's owner has it counted and callers give it; the first of an attribute is the one others are compared with.</summary>
    public IReadOnlyList<LiveGroup> Groups { get; init; } = [];
}

/// <summary>How a group fares. Null while it, or what the others would tell of it, is of fewer than 20 rows.</summary>
/// <param name="Rows">Answered rows of the window whose caller gave the group.</param>
/// <param name="ApprovalRate">Share of them decided favourably, 0 to 1.</param>
/// <param name="ImpactRatio">Its approval rate by that of the first group, which has none.</param>
/// <param name="Lower">Of Katz's 95 % interval of the ratio.</param>
/// <param name="Labelled">Its decisions with an outcome, of all time.</param>
/// <param name="TruePositiveRate">Share of label 1 that was foretold.</param>
/// <param name="FalsePositiveRate">Share of label 0 that was foretold as 1.</param>
/// <param name="TruePositiveGap">Its rate less that of the first group.</param>
public sealed record LiveGroup(
    string Attribute, string Group, long? Rows, double? ApprovalRate, double? ImpactRatio, double? Lower, double? Upper,
    long? Labelled, double? TruePositiveRate, double? FalsePositiveRate, double? TruePositiveGap, double? FalsePositiveGap);

/// <param name="Variable">The feature, or <c>score</c>.</param>
/// <param name="Psi">Population stability index against training.</param>
/// <param name="Critical">What chance exceeds in 5 of 100 samples of this size.</param>
/// <param name="OutsideRate">Share of rows outside what training saw.</param>
public sealed record LiveDrift(string Variable, double Psi, double Critical, double OutsideRate);

/// <summary>How scores held against reported outcomes. Null where it is not defined.</summary>
public sealed record LiveOutcomes(long Labelled, long Positives, double? Auc, double? Brier, double? CalibrationError);

/// <summary>What became of decisions of a route.</summary>
public sealed record ReportOutcomesRequest(IReadOnlyList<DecisionOutcome> Outcomes);

/// <param name="Decision">Index in the inference log: <c>audit_index</c> of the answer, plus the row.</param>
/// <param name="Label">0 or 1: what the score foretold.</param>
public sealed record DecisionOutcome([property: JsonRequired] long Decision, [property: JsonRequired] int Label);

/// <param name="Accepted">New, or corrected.</param>
/// <param name="Repeated">Known already.</param>
/// <param name="Unknown">Indices that are no decision of the route, or were erased.</param>
public sealed record OutcomesReceived(int Accepted, int Repeated, IReadOnlyList<long> Unknown);

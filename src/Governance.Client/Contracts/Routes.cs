using Governance.Core.Inventory;
using Governance.Core.Serving;

namespace Governance.Client.Contracts;

/// <summary>A route: who answers it, and how.</summary>
/// <param name="Name">The model's id: applications call <c>/v2/models/{name}/infer</c>.</param>
/// <param name="Version">The promoted version; null when none is.</param>
/// <param name="Answers">Whether it answers now.</param>
/// <param name="ClosedCode">Why it does not: <c>not-promoted</c>, <c>suspended</c> or <c>stopped</c>; what applications are told.</param>
/// <param name="ClosedDetail">The same in a sentence.</param>
/// <param name="Since">When the version was promoted, UTC.</param>
/// <param name="LedgerIndex">Entry of the governance log that records the promotion.</param>
public sealed record RouteDetails(
    string Name, int? Version, bool Answers, string? ClosedCode, string? ClosedDetail, DateTimeOffset? Since, long? LedgerIndex, RouteSettings Settings);

/// <summary>Lets a version answer a part of the subjects, or changes the share of the running canary.</summary>
/// <param name="Percent">Share of the subjects, 1 to 99.</param>
public sealed record CanaryRequest(int Version, int Percent, PromotionTarget Target = PromotionTarget.Champion);

/// <summary>Why a route is stopped or started, or its canary taken back.</summary>
/// <param name="Reason">1 to 2000 characters, kept for ever: no personal data.</param>
public sealed record RouteReasonRequest(string Reason);

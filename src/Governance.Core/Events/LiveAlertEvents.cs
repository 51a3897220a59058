namespace Governance.Core.Events;

/// <summary>A figure of live traffic, or a date, went beyond its limit.</summary>
/// <param name="Monitor">What watches: <c>psi</c>, <c>latency</c>, <c>error-rate</c> and so on.</param>
/// <param name="About">What of it: a feature, an arm, a check; empty for the route as a whole.</param>
/// <param name="Value">The figure when it was raised.</param>
/// <param name="Limit">What it went beyond.</param>
/// <param name="Message">One sentence for people; nothing of a payload.</param>
public sealed record LiveAlertRaised(string ModelId, int Version, string Monitor, string About, double Value, double Limit, string Message) : GovernanceEvent;

/// <summary>The figure came back well within its limit, or the version no longer serves.</summary>
public sealed record LiveAlertCleared(string ModelId, int Version, string Monitor, string About) : GovernanceEvent;

using Governance.Core.Inventory;
using Governance.Core.Serving;

namespace Governance.Core.Events;

/// <summary>The owner set how the model's route answers. Canary and stop are never in it; those in force stay.</summary>
public sealed record RouteConfigured(string ModelId, RouteSettings Settings) : GovernanceEvent;

/// <summary>A version that the gate allowed to be promoted answers a part of the route's subjects; the champion stays.</summary>
/// <param name="Salt">Key of the hash that assigns subjects.</param>
/// <param name="Decision">Digest of the gate decision that allowed it, recorded in the same append.</param>
public sealed record CanaryStarted(string ModelId, int Version, string Route, PromotionTarget Target, int Percent, string Salt, Digest Decision) : GovernanceEvent;

/// <summary>The canary answers another share of the subjects.</summary>
public sealed record CanaryMoved(string ModelId, int Version, int Percent) : GovernanceEvent;

/// <summary>The canary answers nobody any more; the champion answers all.</summary>
public sealed record CanaryStopped(string ModelId, int Version, string Reason) : GovernanceEvent;

/// <summary>The route answers nothing from now on, whatever is promoted.</summary>
public sealed record RouteStopped(string ModelId, string Reason) : GovernanceEvent;

/// <summary>The route answers again.</summary>
public sealed record RouteStarted(string ModelId, string Reason) : GovernanceEvent;

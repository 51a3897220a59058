using Governance.Serving.Routing;

namespace Governance.Serving.Watching;

/// <summary>What is counted together: the traffic of one version in one role on one route.</summary>
public readonly record struct ArmKey(string Route, int Version, RouteArm Arm);

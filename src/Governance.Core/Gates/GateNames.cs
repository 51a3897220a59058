namespace Governance.Core.Gates;

/// <summary>The points at which policy is asked.</summary>
public static class GateNames
{
    /// <summary>A version is submitted. Refused when denied; acts that are still missing do not stop it.</summary>
    public const string Submit = "submit";

    /// <summary>Somebody approves a version. Refused when denied; other people's missing acts do not stop it.</summary>
    public const string Approve = "approve";

    /// <summary>A version takes over a route. Only an allowed one does.</summary>
    public const string Promote = "promote";

    /// <summary>Each request to a promoted version.</summary>
    public const string Serve = "serve";

    /// <summary>A promoted version, on a schedule. A denied one is suspended.</summary>
    public const string Monitor = "monitor";
}

namespace Governance.Core.Inventory;

/// <summary>How much a finding weighs (house scale after SR 26-2: tracked to closure; critical ones block promotion).</summary>
public enum FindingSeverity
{
    /// <summary>To be mended in the ordinary course.</summary>
    Low,

    Medium,

    /// <summary>Limited in number by policy.</summary>
    High,

    /// <summary>Nothing is promoted while one is open.</summary>
    Critical,
}

/// <summary>Where a finding stands.</summary>
public enum FindingStatus
{
    /// <summary>Raised or reopened; its owner has to answer.</summary>
    Open,

    /// <summary>Its owner says it is mended; somebody else has to verify that.</summary>
    Answered,

    /// <summary>Somebody other than its owner verified that it is mended.</summary>
    Closed,
}

/// <summary>Where a waiver stands at an instant.</summary>
public enum WaiverStatus
{
    /// <summary>Waits for approvals.</summary>
    Requested,

    /// <summary>Approved and counting.</summary>
    Active,

    Denied,

    Revoked,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>An emergency waiver nobody reviewed in time: counts no longer.</summary>
    Unreviewed,

    /// <summary>What it was given for has changed since (the model, the data or the evidence): counts no longer.</summary>
    Void,
}

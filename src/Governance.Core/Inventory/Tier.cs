namespace Governance.Core.Inventory;

/// <summary>Materiality tier of a model (house scale after SR 26-2 and SS1/23): decides checks, thresholds and who signs.</summary>
public enum Tier
{
    /// <summary>Consumer credit, pricing, AML, capital, or decisions under GDPR 22 and AI Act Annex III.</summary>
    One = 1,

    /// <summary>Material, decided by a person.</summary>
    Two = 2,

    /// <summary>Low impact.</summary>
    Three = 3,
}

/// <summary>How much of the decision the model takes (GDPR 22).</summary>
public enum Automation
{
    /// <summary>A person decides with the model's help.</summary>
    Assisted,

    /// <summary>The decision rests on the model alone.</summary>
    Sole,
}

/// <summary>What a model decides about: which regimes its rules come from.</summary>
public enum ModelDomain
{
    /// <summary>Creditworthiness, limits and prices of natural persons.</summary>
    ConsumerCredit,

    BusinessCredit,

    /// <summary>Fraud against the bank or its customers.</summary>
    Fraud,

    /// <summary>Money laundering, terrorist financing, sanctions.</summary>
    AntiMoneyLaundering,

    /// <summary>Regulatory capital and provisions.</summary>
    Capital,

    Marketing,

    Other,
}

/// <summary>What a registered dataset is used for.</summary>
public enum DatasetUse
{
    Training,
    Evaluation,
}

/// <summary>Where traffic of a route goes when a version is promoted to it.</summary>
public enum PromotionTarget
{
    /// <summary>Answers the route's requests.</summary>
    Champion,
}

/// <summary>Where a version stands.</summary>
public enum VersionStatus
{
    /// <summary>Registered; nothing has been decided about it.</summary>
    Submitted,

    /// <summary>A validator rejected it; it cannot be promoted.</summary>
    Rejected,

    /// <summary>Serves a route.</summary>
    Promoted,

    /// <summary>Served a route until a later promotion.</summary>
    Superseded,

    /// <summary>Taken out of service for a reason; cannot serve or be promoted until reinstated by a new version.</summary>
    Suspended,

    /// <summary>Answers a part of a route's subjects beside the promoted version; the gate allowed it as it allows a promotion.</summary>
    Canary,
}

/// <summary>What a signature means (21 CFR 11.50 as benchmark).</summary>
public enum SignOffMeaning
{
    /// <summary>The signer approves the release.</summary>
    Approved,

    /// <summary>The business owner attests the purpose and accepts the risk.</summary>
    Attested,

    /// <summary>The signer rejects the release.</summary>
    Rejected,
}

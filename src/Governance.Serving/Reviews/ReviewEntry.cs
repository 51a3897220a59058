using System.Text.Json.Serialization;
using Governance.Core;
using Governance.Serving.Recording;

namespace Governance.Serving.Reviews;

/// <summary>What happened to the review of a decision.</summary>
public enum ReviewAct
{
    /// <summary>A person took it, for a while.</summary>
    Claimed,

    /// <summary>The person who had it gave it back.</summary>
    Released,

    /// <summary>A person looked, and the decision stands.</summary>
    Confirmed,

    /// <summary>A person looked and decided the other way.</summary>
    Overridden,

    /// <summary>It ended without a person: everybody it was about was erased.</summary>
    Erased,
}

/// <summary>
/// What the inference log keeps of a review for ever, beside the original: who did what and when. What was decided and why lies in a payload sealed under
/// the keys of the people it is about. Immutable; its JSON is the log entry.
/// </summary>
public sealed record ReviewEntry
{
    public const string EntryType = "review.v1";

    public string Type { get; init; } = EntryType;

    /// <summary>UTC, truncated to the second.</summary>
    public required DateTimeOffset Time { get; init; }

    public required string Route { get; init; }

    public required int Version { get; init; }

    /// <summary>Index, in the same log, of the decision under review.</summary>
    public required long Decision { get; init; }

    public required ReviewAct Act { get; init; }

    /// <summary>Subject of the reviewer; <c>system</c> where nobody acted.</summary>
    public required string Person { get; init; }

    /// <summary>When a claim lapses, UTC; null for other acts.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The sealed outcome, one section for each person the decision is about; null where nothing was decided.</summary>
    public IReadOnlyList<SealedSection>? Sections { get; init; }

    /// <summary>What a sealed section is bound to.</summary>
    public byte[] AssociatedData(int section) => GovernanceJson.Serialize(new { Type, Time, Route, Version, Decision, Act, Person, Section = section });

    [JsonIgnore]
    public bool IsOutcome => Act is ReviewAct.Confirmed or ReviewAct.Overridden;
}

/// <summary>The personal part of an outcome: sealed under the subject's key. Immutable.</summary>
/// <param name="Original">What the model decided.</param>
/// <param name="Decision">What holds now.</param>
/// <param name="Reason">Why, in the reviewer's words.</param>
public sealed record ReviewPayload(string Subject, string Original, string Decision, string Reason);

/// <summary>What the inference log keeps of somebody reading a decision's payload: who, in which role, when. Immutable; its JSON is the log entry.</summary>
public sealed record PayloadReadEntry
{
    public const string EntryType = "payload-read.v1";

    public string Type { get; init; } = EntryType;

    /// <summary>UTC, truncated to the second.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Index, in the same log, of the decision whose payload was read.</summary>
    public required long Decision { get; init; }

    public required string Person { get; init; }

    /// <summary>The role by which it was allowed.</summary>
    public required string Role { get; init; }
}

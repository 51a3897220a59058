using Governance.Core;
using Governance.Reports.Documents;
using Governance.Reports.Validation;

namespace Governance.Reports.Erasure;

/// <summary>Everything an erasure certificate is made from. Holds no erased data: the subject is a pseudonym, keys are counted and hashed. Immutable.</summary>
public sealed record ErasureCertificateInput
{
    public required string ReportId { get; init; }

    public required DateTimeOffset GeneratedAt { get; init; }

    public required string Author { get; init; }

    public required string RequestId { get; init; }

    /// <summary>A keyed pseudonym, never a name, an e-mail address or a customer number. 1 to 128 characters of <c>A-Z a-z 0-9 : _ -</c>.</summary>
    public required string SubjectReference { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Extended until, with the reason told to the subject; null when not extended.</summary>
    public Extension? Extension { get; init; }

    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>Last day of the period the law gives, extension included.</summary>
    public required DateOnly Due { get; init; }

    /// <summary>GDPR Art. 17(1) ground, in words with its letter.</summary>
    public required string Ground { get; init; }

    /// <summary>Requester's approvers: at least two people.</summary>
    public required IReadOnlyList<Signature> Approvals { get; init; }

    public required IReadOnlyList<StoreOutcome> Stores { get; init; }

    public required KeyDestruction Keys { get; init; }

    public required IReadOnlyList<LedgerEntryFacts> Entries { get; init; }

    public required LedgerHead Ledger { get; init; }

    public IReadOnlyList<ModelDisposition> Models { get; init; } = [];

    public IReadOnlyList<RetainedItem> Retained { get; init; } = [];

    /// <summary>Recipients to be told under Art. 19.</summary>
    public IReadOnlyList<NotifiedRecipient> Recipients { get; init; } = [];
}

public sealed record Extension(DateOnly Until, string Reason);

/// <param name="Outcome">erased, rebuilt, nothing held, retained.</param>
/// <param name="Method">How: "key punctured", "rows deleted".</param>
/// <param name="Count">Records it covered.</param>
/// <param name="Verification">The query that must now find nothing, and what it found.</param>
public sealed record StoreOutcome(string Store, string Outcome, string Method, long Count, string Verification);

/// <param name="Count">Key references destroyed.</param>
/// <param name="Root">Merkle root over the sorted destroyed key references.</param>
/// <param name="Epoch">Key epoch in which they died.</param>
/// <param name="BackupsExpire">When the key that opens backups of that time is due to be replaced and destroyed; null when nobody knows.</param>
public sealed record KeyDestruction(long Count, Digest Root, long Epoch, DateTimeOffset? BackupsExpire)
{
    /// <summary>When every key that opened earlier copies of the key state was recorded as destroyed; null before.</summary>
    public DateTimeOffset? FinalAt { get; init; }
}

/// <param name="Event">requested, approved, executed, final.</param>
/// <param name="LeafHash">RFC 6962 leaf hash of the entry.</param>
public sealed record LedgerEntryFacts(long Index, string Event, DateTimeOffset At, Digest LeafHash);

/// <param name="Disposition">kept, rebuilt, retrain scheduled, suspended.</param>
public sealed record ModelDisposition(string Model, string Version, string Disposition, string Reason);

/// <param name="Article">Exception relied on: "Art. 17(3)(b), AMLD Art. 40".</param>
public sealed record RetainedItem(string Item, string Article, string Reason, DateOnly? DeletionDate);

/// <param name="Records">Records of the person that were sent there; null when nobody counted.</param>
/// <param name="At">When it was told; null when it is not recorded as told.</param>
public sealed record NotifiedRecipient(string Recipient, long? Records, DateTimeOffset? At);

using Governance.Core;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Reports.Charts;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation;

/// <summary>Everything a validation report is made from. The report adds no fact of its own. Immutable.</summary>
public sealed record ValidationReportInput
{
    public required string ReportId { get; init; }

    public required DateTimeOffset GeneratedAt { get; init; }

    /// <summary>Who asked for the report: name and role.</summary>
    public required string Author { get; init; }

    /// <summary>Last day the evaluation data speak of; null when it is not known.</summary>
    public DateOnly? DataCutOff { get; init; }

    public required ModelFacts Model { get; init; }

    public required VersionFacts Version { get; init; }

    public required PolicyFacts Policy { get; init; }

    public required LedgerHead Ledger { get; init; }

    public required IReadOnlyList<DatasetFacts> Datasets { get; init; }

    /// <summary>Every check result of the version, in the order to be reported; keys E1, E2, … follow it.</summary>
    public required IReadOnlyList<EvidenceItem> Evidence { get; init; }

    /// <summary>The tests of all this evidence together, adjusted over the review; those gate on whose measures the policy decides.</summary>
    public IReadOnlyList<ReviewTest> Tests { get; init; } = [];

    /// <summary>The latest decision of the gate about the version; null before the gate was asked.</summary>
    public GateFacts? Gate { get; init; }

    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Adjustments and use restrictions in force, one sentence each.</summary>
    public IReadOnlyList<string> Adjustments { get; init; } = [];

    /// <summary>Waivers in force: rule, reason, expiry, one sentence each.</summary>
    public IReadOnlyList<string> Waivers { get; init; } = [];

    public IReadOnlyList<Signature> SignOffs { get; init; } = [];

    /// <summary>What developers and validators state in words, by topic.</summary>
    public IReadOnlyList<Statement> Statements { get; init; } = [];

    public DateOnly? NextReview { get; init; }

    /// <summary>Lines that policy sets on charts, by measure name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ReferenceLine>> Limits { get; init; } = new Dictionary<string, IReadOnlyList<ReferenceLine>>();
}

/// <summary>A person by identity and name.</summary>
/// <param name="Id">As the identity provider knows them; never printed.</param>
public sealed record Person(string Id, string Name);

/// <param name="Tier">1 (highest) to 3.</param>
/// <param name="TierReason">Why this tier.</param>
/// <param name="Developers">Who built it: never its validators.</param>
/// <param name="PermittedUses">What the model may be used for.</param>
/// <param name="ProhibitedUses">What it must not be used for.</param>
public sealed record ModelFacts(
    string Id, string Name, string Purpose, int Tier, string TierReason, Person Owner, IReadOnlyList<Person> Developers, IReadOnlyList<string> Jurisdictions,
    IReadOnlyList<string> PermittedUses, IReadOnlyList<string> ProhibitedUses, string? RiskClass = null);

/// <param name="Format">ONNX, opset, operators: what the scan said.</param>
/// <param name="LedgerIndex">Entry that records the submission.</param>
public sealed record VersionFacts(
    string Version, Digest Artefact, string Format, Person SubmittedBy, DateTimeOffset SubmittedAt, long LedgerIndex, double Threshold, string FavourableOutcome);

public sealed record PolicyFacts(string Pack, string Version, Digest Digest);

/// <summary>The head of the ledger when the report was made.</summary>
/// <param name="Checkpoint">The signed note, verbatim.</param>
public sealed record LedgerHead(string Origin, long Size, Digest Root, string Checkpoint);

/// <param name="Role">training, evaluation, …</param>
public sealed record DatasetFacts(
    string Id, string Name, string Role, Digest Digest, long Rows, string Source, string LegalBasis, string Retention, IReadOnlyList<string> ProtectedAttributes);

/// <summary>A decision and the ledger entry that records it.</summary>
public sealed record GateFacts(GateDecision Decision, long LedgerIndex, DateTimeOffset At);

public enum FindingSeverity
{
    Critical,
    High,
    Medium,
    Low,
}

/// <param name="Status">open, accepted, closed.</param>
public sealed record Finding(string Id, FindingSeverity Severity, string Title, string Owner, DateOnly? Due, string Status, long LedgerIndex);

/// <summary>What a person states about a topic that no check can measure.</summary>
public sealed record Statement(StatementTopic Topic, string Text, string Author, long LedgerIndex);

public enum StatementTopic
{
    ConceptualSoundness,
    Implementation,
    Benchmark,
    OutcomesAnalysis,
}

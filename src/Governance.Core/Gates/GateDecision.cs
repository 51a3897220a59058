using System.Text.Json.Nodes;

namespace Governance.Core.Gates;

/// <summary>What a gate says about a request.</summary>
public enum GateStatus
{
    /// <summary>Every blocking rule passed or is waived.</summary>
    Allowed,

    /// <summary>Something blocks that only a change (of the model, the data, the evidence) or a waiver can mend.</summary>
    Denied,

    /// <summary>Nothing blocks but missing acts of named roles (<see cref="GateDecision.WaitingFor"/>).</summary>
    Waiting,
}

/// <summary>Three-valued outcome of one rule, and its waived form.</summary>
public enum RuleStatus
{
    Pass,
    Violation,

    /// <summary>The rule could not be evaluated: evidence is missing, stale or for something else. Fails closed.</summary>
    Gap,

    /// <summary>Violation or gap, covered by a waiver in force.</summary>
    Waived,
}

/// <summary>How much a rule weighs.</summary>
public enum RuleSeverity
{
    /// <summary>Blocks.</summary>
    Deny,

    /// <summary>Blocks until the roles the rule names have looked and signed.</summary>
    Review,

    /// <summary>Is shown, does not block.</summary>
    Warn,
}

/// <summary>A value the rule looked at, in the order it was read: <c>evidence["fairness.adverse_impact"].min_ratio</c> = <c>0.71</c>.</summary>
/// <param name="Expression">Source text of the sub-expression.</param>
/// <param name="Value">Its value as JSON; null when it had none.</param>
public sealed record ObservedValue(string Expression, JsonNode? Value);

/// <summary>One rule's part of a decision: what it saw, what it wanted, on what ground, and what would mend it. Immutable.</summary>
public sealed record RuleOutcome
{
    /// <summary>Stable identifier within the pack: <c>fairness-air</c>.</summary>
    public required string Rule { get; init; }

    public required string Title { get; init; }

    public required RuleStatus Status { get; init; }

    public required RuleSeverity Severity { get; init; }

    /// <summary>What happened, with the values in it: "Lowest adverse impact ratio is 0.71 (sex=female), below 0.80".</summary>
    public required string Message { get; init; }

    /// <summary>The figure compared, where the rule names one.</summary>
    public double? Value { get; init; }

    /// <summary>The limit it was compared with, where the rule names one.</summary>
    public double? Threshold { get; init; }

    /// <summary>The law, guidance or house standard: data, not wording of ours.</summary>
    public required string Citation { get; init; }

    /// <summary>What to do about it; for a gap, which check to run.</summary>
    public string? Remediation { get; init; }

    /// <summary>Why the rule exists: one or two sentences for people.</summary>
    public string? Rationale { get; init; }

    public bool Waivable { get; init; }

    /// <summary>Whether this outcome keeps the gate from allowing: neither passed nor waived, not a mere warning, and not yet reviewed.</summary>
    public bool Blocks { get; init; }

    /// <summary>Role that must act when this rule keeps the request waiting; null otherwise.</summary>
    public string? WaitingFor { get; init; }

    public IReadOnlyList<ObservedValue> Observed { get; init; } = [];

    /// <summary>Checks whose evidence the rule rests on; null when it rests on none.</summary>
    public IReadOnlyList<string>? Checks { get; init; }

    /// <summary>The waiver that covers this outcome; null when none does.</summary>
    public string? Waiver { get; init; }
}

/// <summary>
/// A gate's decision, complete enough to be replayed: the digests of the policy, its parameters and the input, and every rule. Immutable.
/// Evaluating the same three again gives the same decision, byte for byte.
/// </summary>
public sealed record GateDecision
{
    /// <summary>Which gate: one of <see cref="GateNames"/>.</summary>
    public required string Gate { get; init; }

    public required GateStatus Status { get; init; }

    /// <summary>Name and version of the pack, for people.</summary>
    public required string Policy { get; init; }

    public required Digest PolicyDigest { get; init; }

    public required Digest ParamsDigest { get; init; }

    public required Digest InputDigest { get; init; }

    public required IReadOnlyList<RuleOutcome> Rules { get; init; }

    /// <summary>Roles whose acts are missing; empty unless waiting.</summary>
    public IReadOnlyList<string> WaitingFor { get; init; } = [];
}

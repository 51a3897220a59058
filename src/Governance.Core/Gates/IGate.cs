using System.Text.Json.Nodes;
using Governance.Core.Inventory;

namespace Governance.Core.Gates;

/// <summary>The policy in force, as decisions see it. Pure: equal inputs give equal decisions. Thread-safe.</summary>
public interface IGate
{
    /// <summary>Digest of the pack in force.</summary>
    Digest Policy { get; }

    GateDecision Evaluate(string gate, JsonObject input);

    /// <summary>The one byte form of an input: what <see cref="GateDecision.InputDigest"/> is the digest of.</summary>
    ReadOnlyMemory<byte> Canonical(JsonObject input) => GovernanceJson.Serialize(input);

    /// <summary>The gate with the pack that is in force at the time of a decision; a gate that knows one pack only is that already.</summary>
    /// <exception cref="PolicyUnavailableException">The pack's files are missing or altered: nothing is decided.</exception>
    IGate InForce(State.GovernanceState state, DateTimeOffset now) => this;

    /// <summary>The evidence behind a recorded envelope, verified; null when it is absent, unreadable or its signature is bad (fails closed).</summary>
    Evidence.VerifiedEvidence? Evidence(Digest envelope);

    /// <summary>A rule of the pack; null when it has none of this name.</summary>
    RuleTerms? Rule(string id);

    /// <summary>What the pack's parameters say about signatures, findings and waivers; the house's rules where they say nothing.</summary>
    WorkflowRules Workflow(Tier tier);

    /// <summary>Whether the log was verified from end to end just now.</summary>
    AuditStatus Audit { get; }
}

/// <summary>The pack in force cannot be read: decisions stop until its files are restored.</summary>
public sealed class PolicyUnavailableException(string message) : Exception(message);

/// <summary>Outcome of the latest verification of the governance log.</summary>
public sealed record AuditStatus(bool Verified, long CheckedSize, long LogSize);

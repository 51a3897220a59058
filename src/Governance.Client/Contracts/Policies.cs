using Governance.Core;
using Governance.Core.Gates;

namespace Governance.Client.Contracts;

/// <summary>The pack in force.</summary>
/// <param name="Archive">Its files in the artefact store.</param>
/// <param name="From">Since when it is in force.</param>
/// <param name="Scheduled">Packs that are approved and come into force later, the next first.</param>
public sealed record PolicyDetails(
    string Name, string Version, Digest Policy, Digest Params, IReadOnlyList<PolicyRule> Rules, Digest? Archive = null, DateTimeOffset? From = null,
    IReadOnlyList<PolicyReleaseDetails>? Scheduled = null);

/// <param name="Gates">Where it is asked; empty when the gateway did not say.</param>
public sealed record PolicyRule(string Id, string Title, string Severity, string Citation, IReadOnlyList<string>? Gates = null);

/// <summary>A pack that was, is or will be in force.</summary>
/// <param name="LedgerIndex">Entry of the governance log that decided it.</param>
public sealed record PolicyReleaseDetails(
    string Name, string Version, Digest Policy, Digest Params, Digest? Archive, DateTimeOffset From, bool InForce, string? Proposal, long LedgerIndex);

/// <summary>The files of a pack: written out, or the archive of an earlier release. One of the two.</summary>
/// <param name="Files">Texts by name.</param>
/// <param name="Tests">Texts by path below the folder of the tests.</param>
/// <param name="Archive">Archive digest of a release: to go back to it.</param>
public sealed record PolicyFiles(IReadOnlyDictionary<string, string>? Files = null, IReadOnlyDictionary<string, string>? Tests = null, Digest? Archive = null);

/// <param name="EffectiveFrom">When it should come into force; null for on approval.</param>
/// <param name="Comment">What changes and why.</param>
public sealed record ProposePolicyRequest(PolicyFiles Pack, string Comment, DateTimeOffset? EffectiveFrom = null);

/// <param name="Archive">The archive digest shown with the proposal: what exactly is approved.</param>
public sealed record ApprovePolicyRequest(Digest Archive, string Comment);

public sealed record WithdrawPolicyRequest(string Reason);

public enum ProposalStatus
{
    /// <summary>Waits for approval by somebody else.</summary>
    Proposed,

    /// <summary>Approved; not yet in force.</summary>
    Scheduled,

    InForce,

    /// <summary>Was in force, or was overtaken before it could be.</summary>
    Superseded,

    Withdrawn,
}

public sealed record ProposalDetails
{
    public required string Id { get; init; }

    public required ProposalStatus Status { get; init; }

    public required string Name { get; init; }

    public required string Version { get; init; }

    public required Digest Policy { get; init; }

    public required Digest Params { get; init; }

    /// <summary>State it when approving.</summary>
    public required Digest Archive { get; init; }

    public DateTimeOffset? EffectiveFrom { get; init; }

    /// <summary>From when on it is in force; null until approved.</summary>
    public DateTimeOffset? From { get; init; }

    public required string Comment { get; init; }

    /// <summary>Tests of the pack, all passed.</summary>
    public required int Tests { get; init; }

    /// <summary>Share of the rules' outcomes and branches the tests show, 0 to 1.</summary>
    public required double Coverage { get; init; }

    public required string ProposedBy { get; init; }

    public required DateTimeOffset ProposedAt { get; init; }

    public string? ApprovedBy { get; init; }

    public DateTimeOffset? ApprovedAt { get; init; }

    public string? ApprovalComment { get; init; }

    public string? WithdrawnBy { get; init; }

    public string? WithdrawalReason { get; init; }

    /// <summary>What it would change; left out of lists.</summary>
    public DryRunReport? DryRun { get; init; }

    public required long LedgerIndex { get; init; }
}

/// <summary>How far a dry run is, and at the end what it found.</summary>
public sealed record DryRunStep(int Done, int Total, DryRunReport? Report = null, Problem? Problem = null);

/// <summary>A recorded decision of a gate.</summary>
public sealed record GateDecisionDetails(long LedgerIndex, DateTimeOffset Time, string ModelId, int Version, string Gate, GateDecision Decision);

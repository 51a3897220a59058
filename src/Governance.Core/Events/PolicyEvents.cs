using Governance.Core.Gates;
using Governance.Core.Inventory;

namespace Governance.Core.Events;

/// <summary>
/// A version was put before a gate; recorded whatever the decision. The complete decision and the input lie in the artefact store under
/// <paramref name="Document"/> and <paramref name="Input"/>, so that the event stays small and the decision replays bit for bit.
/// </summary>
/// <param name="Gate">One of <see cref="GateNames"/>.</param>
/// <param name="Target">Target of a promotion; null at other gates.</param>
/// <param name="Blocking">Rules that block, in order; the first <see cref="MostBlocking"/> of them.</param>
public sealed record GateDecided(
    string ModelId, int Version, string Gate, PromotionTarget? Target, GateStatus Status, Digest Policy, Digest Params, Digest Input, Digest Document,
    IReadOnlyList<string> Blocking, IReadOnlyList<string> WaitingFor) : GovernanceEvent
{
    public const int MostBlocking = 50;
}

/// <summary>The shipped pack came into force because none was: the first start of an installation.</summary>
/// <param name="Archive">Digest of the pack's files in the artefact store.</param>
public sealed record PolicyInstalled(string Name, string PackVersion, Digest Policy, Digest Params, Digest Archive) : GovernanceEvent;

/// <summary>Somebody proposed a pack that loads, keeps its cost bounds and passes its own tests.</summary>
/// <param name="Archive">Digest of the pack's files, tests included, in the artefact store.</param>
/// <param name="EffectiveFrom">When it should come into force, UTC; null for as soon as it is approved.</param>
/// <param name="Tests">Number of tests, all passed.</param>
/// <param name="Coverage">Share of the rules' outcomes and branches that the tests show, 0 to 1.</param>
/// <param name="DryRun">Digest of the dry run in the artefact store: what the approver is shown.</param>
public sealed record PolicyProposed(
    string ProposalId, string Name, string PackVersion, Digest Policy, Digest Params, Digest Archive, DateTimeOffset? EffectiveFrom, string Comment, int Tests,
    double Coverage, Digest DryRun) : GovernanceEvent;

/// <summary>A second person approved a proposal: it is in force from its date on.</summary>
public sealed record PolicyApproved(string ProposalId, string Person, string PersonName, string Comment) : GovernanceEvent;

/// <summary>A proposal was withdrawn before it came into force.</summary>
public sealed record PolicyWithdrawn(string ProposalId, string Reason) : GovernanceEvent;

using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Policy.Gates;

namespace Governance.Gateway.Policy;

/// <summary>
/// The policy pack every gate uses, with the evidence and the audit status its rules read. Which pack that is follows from the ledger and the time of
/// the decision, so an approved pack comes into force by itself. Thread-safe.
/// </summary>
public sealed class PolicyInForce(Governor governor, TimeProvider time, PackLibrary packs, EvidenceSource evidence, LogAuditor auditor)
{
    private readonly PackLibrary packs = packs;
    private readonly EvidenceSource evidence = evidence;
    private static readonly AuditStatus Unverified = new(Verified: false, 0, 0);

    /// <summary>The release in force now.</summary>
    /// <exception cref="PolicyUnavailableException">None is.</exception>
    public PolicyRelease Release => ReleaseAt(governor.State, Now);

    /// <exception cref="PolicyUnavailableException">Its files cannot be read.</exception>
    public PolicyPack Pack => packs.Get(Release);

    /// <summary>What signatures are bound to.</summary>
    /// <exception cref="PolicyUnavailableException">The pack's files cannot be read.</exception>
    public Digest Digest => Pack.Identity;

    /// <summary>For decisions that ask no gate about the audit chain: says it was not verified, so a rule that needs it fails closed.</summary>
    public IGate Gate => new Snapshot(this, () => Pack, Unverified);

    /// <summary>Never earlier than the last event, as decisions count it.</summary>
    private DateTimeOffset Now => time.GetUtcNow() is var now && now < governor.State.Time ? governor.State.Time : now;

    /// <summary>The gate for a command: a promotion is decided on a log that was verified just before.</summary>
    public async Task<IGate> GateForAsync(Command command, CancellationToken cancellationToken) =>
        command is PromoteVersion or StartCanary ? await VerifiedGateAsync(cancellationToken) : Gate;

    public async Task<IGate> VerifiedGateAsync(CancellationToken cancellationToken)
    {
        var audit = await auditor.VerifyGovernanceAsync(cancellationToken);
        return new Snapshot(this, () => Pack, audit);
    }

    private static PolicyRelease ReleaseAt(GovernanceState state, DateTimeOffset now) =>
        state.Policies.At(now) ?? throw new PolicyUnavailableException("No policy pack is in force.");

    /// <summary>Resolves the pack when it is asked for: commands that ask no gate go on without one.</summary>
    private sealed class Snapshot(PolicyInForce policy, Func<PolicyPack> pack, AuditStatus audit) : IGate
    {
        private readonly Lazy<PolicyPack> pack = new(pack, LazyThreadSafetyMode.PublicationOnly);

        public Digest Policy => pack.Value.Identity;

        public AuditStatus Audit => audit;

        public GateDecision Evaluate(string gate, JsonObject input) => GateEvaluator.Evaluate(pack.Value, gate, input);

        public ReadOnlyMemory<byte> Canonical(JsonObject input) => GateEvaluator.Canonical(input);

        public IGate InForce(GovernanceState state, DateTimeOffset now) => new Snapshot(policy, () => policy.packs.Get(ReleaseAt(state, now)), audit);

        public VerifiedEvidence? Evidence(Digest envelope) => policy.evidence.Get(envelope);

        public RuleTerms? Rule(string id) => pack.Value.Terms(id);

        public WorkflowRules Workflow(Tier tier) => pack.Value.Workflow(tier);
    }
}

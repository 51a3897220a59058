using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Policy.Gates;

namespace Governance.Gateway.Policy;

/// <summary>The policy pack every gate uses, with the evidence and the audit status its rules read. Thread-safe.</summary>
public sealed class PolicyInForce(PolicyPack pack, EvidenceSource evidence, LogAuditor auditor)
{
    private static readonly AuditStatus Unverified = new(Verified: false, 0, 0);

    public PolicyPack Pack => pack;

    public Digest Digest => pack.Digest;

    /// <summary>For decisions that ask no gate about the audit chain: says it was not verified, so a rule that needs it fails closed.</summary>
    public IGate Gate => new Snapshot(pack, evidence, Unverified);

    /// <summary>The gate for a command: a promotion is decided on a log that was verified just before.</summary>
    public async Task<IGate> GateForAsync(Command command, CancellationToken cancellationToken) =>
        command is PromoteVersion ? await VerifiedGateAsync(cancellationToken) : Gate;

    public async Task<IGate> VerifiedGateAsync(CancellationToken cancellationToken) =>
        new Snapshot(pack, evidence, await auditor.VerifyGovernanceAsync(cancellationToken));

    private sealed class Snapshot(PolicyPack pack, EvidenceSource evidence, AuditStatus audit) : IGate
    {
        public Digest Policy => pack.Digest;

        public AuditStatus Audit => audit;

        public GateDecision Evaluate(string gate, JsonObject input) => GateEvaluator.Evaluate(pack, gate, input);

        public RuleTerms? Rule(string id) => pack.Terms(id);

        public WorkflowRules Workflow(Tier tier) => pack.Workflow(tier);

        public VerifiedEvidence? Evidence(Digest envelope) => evidence.Get(envelope);
    }
}

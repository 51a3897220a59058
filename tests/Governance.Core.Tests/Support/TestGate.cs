using System.Text.Json.Nodes;
using Governance.Core.Evidence;
using Governance.Core.Gates;

namespace Governance.Core.Tests.Support;

/// <summary>A gate that answers what it is told to, with the digest of the input it saw.</summary>
internal sealed record TestGate : IGate
{
    public static TestGate Allows { get; } = new();

    public static TestGate Denies { get; } = new() { Status = GateStatus.Denied };

    public static TestGate Waits { get; } = new() { Status = GateStatus.Waiting };

    public GateStatus Status { get; init; } = GateStatus.Allowed;

    public Digest Policy { get; init; } = Digest.Of("policy 1"u8);

    public AuditStatus Audit => new(true, 0, 0);

    /// <summary>Denies while the input counts an open critical finding.</summary>
    public bool BlockOnCritical { get; init; }

    public WorkflowRules? Rules { get; init; }

    public RuleTerms? Rule(string id) => id switch
    {
        "test-rule" => new RuleTerms(id, "Rule", Waivable: true, ["validation.discrimination"]),
        "firm-rule" => new RuleTerms(id, "Firm rule", Waivable: false, []),
        _ => null,
    };

    public WorkflowRules Workflow(Inventory.Tier tier) => Rules ?? WorkflowRules.House(tier);

    public VerifiedEvidence? Evidence(Digest envelope) => null;

    public GateDecision Evaluate(string gate, JsonObject input) => new()
    {
        Gate = gate,
        Status = BlockOnCritical && input["finding_counts"]!["critical"]!.GetValue<int>() > 0 ? GateStatus.Denied : Status,
        Policy = "test 1",
        PolicyDigest = Policy,
        ParamsDigest = Digest.Of("params"u8),
        InputDigest = Digest.Of(GovernanceJson.Serialize(input)),
        WaitingFor = Status == GateStatus.Waiting ? ["validator"] : [],
        Rules =
        [
            new RuleOutcome
            {
                Rule = "test-rule", Title = "Rule", Citation = "None", Severity = RuleSeverity.Deny, Value = 0.5, Threshold = 0.8,
                Status = Status == GateStatus.Denied ? RuleStatus.Violation : RuleStatus.Pass,
                Message = "The ratio is 0.50, below 0.80.", Blocks = Status == GateStatus.Denied,
                Observed = [new ObservedValue("version.number", JsonValue.Create(1)), new ObservedValue("missing", null)],
            },
        ],
    };
}

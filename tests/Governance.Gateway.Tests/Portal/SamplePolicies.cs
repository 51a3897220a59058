using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Gateway.Portal;

namespace Governance.Gateway.Tests.Portal;

/// <summary>A pack in force and a proposal that raises a limit. For tests of the pages only.</summary>
internal sealed class SamplePolicies : IPortalPolicies
{
    public const string Page = "/policy/proposals/p2";
    private static readonly DateTimeOffset Start = new(2026, 11, 18, 9, 12, 0, TimeSpan.Zero);
    private readonly List<string> asked = [];
    private bool approved;

    public IReadOnlyList<string> Asked => asked;

    public ValueTask<PolicyDetails> InForceAsync(CancellationToken cancellationToken) => ValueTask.FromResult(new PolicyDetails(
        "house", "1.0.0", Hash("policy"), Hash("params"),
        [
            new PolicyRule("fairness-impact-ratio", "Adverse impact ratio is sufficient", "deny", "29 CFR 1607.4(D); SR 26-2", ["approve", "promote"]),
            new PolicyRule("performance-overfit", "Training and evaluation agree", "review", "SR 26-2", ["approve", "promote"]),
            new PolicyRule("purpose-is-registered", "The purpose is one the model is registered for", "deny", "GDPR Article 5(1)(b)", ["serve"]),
            new PolicyRule("evidence-fresh", "Evidence is not about to expire", "warn", "House", ["promote", "monitor"]),
        ],
        Hash("archive"), Start.AddDays(-90),
        [new PolicyReleaseDetails("house", "1.0.1", Hash("policy 1"), Hash("params"), Hash("archive 1"), Start.AddDays(30), false, "p1", 71)]));

    public ValueTask<IReadOnlyList<ProposalDetails>> ProposalsAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<ProposalDetails>>(
        [Proposal("p2", approved ? ProposalStatus.Scheduled : ProposalStatus.Proposed), Proposal("p1", ProposalStatus.Scheduled), Proposal("p0", ProposalStatus.Withdrawn)]);

    public ValueTask<ProposalDetails?> ProposalAsync(string id, CancellationToken cancellationToken) =>
        ValueTask.FromResult(id == "p2" ? Proposal(id, approved ? ProposalStatus.Scheduled : ProposalStatus.Proposed) with { DryRun = DryRun() } : null);

    public ValueTask<Refusal?> ApproveAsync(Caller caller, string id, Digest archive, string comment, string requestId, CancellationToken cancellationToken)
    {
        Assert.Equal(Hash("archive 2"), archive);
        asked.Add($"{caller.Subject} approves {id}: {comment}");
        approved = true;
        return ValueTask.FromResult<Refusal?>(null);
    }

    public ValueTask<Refusal?> WithdrawAsync(Caller caller, string id, string reason, string requestId, CancellationToken cancellationToken)
    {
        asked.Add($"{caller.Subject} withdraws {id}: {reason}");
        return ValueTask.FromResult<Refusal?>(null);
    }

    private static ProposalDetails Proposal(string id, ProposalStatus status) => new()
    {
        Id = id,
        Status = status,
        Name = "house",
        Version = "1.1.0",
        Policy = Hash("policy"),
        Params = Hash("params 2"),
        Archive = Hash("archive 2"),
        EffectiveFrom = Start.AddDays(44),
        Comment = "Raises the least Gini coefficient of tier 1 from 0.40 to 0.45, after the committee's review of 2026.",
        Tests = 41,
        Coverage = 0.97,
        ProposedBy = "victor",
        ProposedAt = Start,
        From = status == ProposalStatus.Scheduled ? Start.AddDays(44) : null,
        ApprovedBy = status == ProposalStatus.Scheduled ? "carla" : null,
        ApprovedAt = status == ProposalStatus.Scheduled ? Start.AddHours(2) : null,
        ApprovalComment = status == ProposalStatus.Scheduled ? "Looked at the dry run." : null,
        WithdrawnBy = status == ProposalStatus.Withdrawn ? "victor" : null,
        WithdrawalReason = status == ProposalStatus.Withdrawn ? "Wrong tier." : null,
        LedgerIndex = 72,
    };

    private static DryRunReport DryRun() => new(
        "house 1.0.0", "house 1.1.0", Hash("policy"), Hash("params 2"),
        [
            new PolicyChange(PolicyChangeKind.Changed, "pack", "house", "version", "1.0.0", "1.1.0"),
            new PolicyChange(PolicyChangeKind.Changed, "parameter", "gini_min", "tier 1", "0.4", "0.45"),
            new PolicyChange(PolicyChangeKind.Added, "rule", "ranking-stability", null, null, "Ranking is stable over time (warn)"),
        ],
        2,
        [
            new DryRunDifference("card-limit", 5, "promote", null, Start, GateStatus.Allowed, GateStatus.Denied,
                [new RuleDifference("performance-gini", RuleStatus.Pass, RuleStatus.Violation, 0.43, 0.40, 0.45, "Gini is 0.43, below 0.45."), new RuleDifference("ranking-stability", null, RuleStatus.Gap, null, null, null, "No evidence.")]),
        ],
        38, 38, 0,
        [
            new DryRunDifference(SampleReader.Model, 2, "promote", 31, Start.AddDays(-140), GateStatus.Allowed, GateStatus.Denied,
                [new RuleDifference("performance-gini", RuleStatus.Pass, RuleStatus.Violation, 0.44, 0.40, 0.45, "Gini is 0.44, below 0.45.")]),
        ],
        1);

    private static Digest Hash(string text) => Digest.Of(System.Text.Encoding.UTF8.GetBytes(text));
}

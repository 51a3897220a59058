using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Oversight;
using Governance.Core.Serving;

namespace Governance.Cli.Tests;

/// <summary>One answer of every kind, as the contract has them.</summary>
internal static class Samples
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static Digest Digest { get; } = Digest.Of("x"u8);

    public static ModelDetails Model { get; } = new(
        new ModelRegistration
        {
            Id = "loans", Name = "Loans [bold]", Use = "PD", Tier = Tier.One, Owner = "olivia", Developers = ["dana"], Jurisdictions = ["EU"], Automation = Automation.Sole,
        },
        true, "dana", Time, 1, [new VersionSummary(1, VersionStatus.Promoted, Digest, "First", "dana", Time, 3, GateStatus.Allowed)]);

    public static Page<ModelSummary> Models { get; } = new([new ModelSummary("loans", "Loans", "PD", Tier.One, true, "olivia", 1, 1, VersionStatus.Promoted)], "next-token");

    public static DatasetDetails Dataset { get; } = new(new DatasetRegistration
    {
        Id = "train", Name = "Train", Use = DatasetUse.Training, Digest = Digest, SchemaDigest = Digest, Rows = 3, Features = ["a"], Label = "y",
        Protected = new Dictionary<string, string> { ["sex"] = "male" }, LegalBasis = "contract", RetentionMonths = 12,
    });

    public static ScheduleDetails Schedule { get; } = new()
    {
        Name = "revalidation", Summary = "Runs checks again", Cron = "0 0 2 * * ?", EveryNode = false, Missed = "run-once", Next = Time, Last = Time, Outcome = "failed", Node = "a",
        Paused = "Move [bold]", PausedBy = "victor", Failure = new ScheduleFailureDetails(Time, "a", "It failed.", 4),
    };

    public static Page<ScheduleDetails> Schedules { get; } = new([Schedule], null);

    public static ReproductionDetails Reproduction { get; } = new(Digest, "validation.discrimination", Digest, true, 0, "slurm", "linux", "local", Time, 9, []);

    public static GateDecision Denied { get; } = new()
    {
        Gate = "promote", Status = GateStatus.Denied, Policy = "starter 1", PolicyDigest = Digest, ParamsDigest = Digest, InputDigest = Digest,
        Rules =
        [
            new RuleOutcome
            {
                Rule = "fairness-air", Title = "AIR", Status = RuleStatus.Violation, Severity = RuleSeverity.Deny, Message = "0.71 is below 0.80", Value = 0.71, Threshold = 0.8,
                Citation = "29 CFR 1607.4(D)", Remediation = "Look for an alternative", Blocks = true,
            },
        ],
    };

    public static GateDecision Allowed { get; } = Denied with { Status = GateStatus.Allowed, Rules = [] };

    public static VersionDetails Version { get; } = new()
    {
        ModelId = "loans",
        Submission = new VersionSubmission
        {
            Number = 1, Artifact = Digest, Description = "First", Features = ["a"], TrainingDataset = "train", EvaluationDataset = "test", Threshold = 0.5, FavourablePrediction = 0,
        },
        Status = VersionStatus.Submitted, SubmittedBy = "dana", SubmittedAt = Time, Binding = Digest, LastGate = Denied,
        Evidence = [new EvidenceSummary("fairness.adverse_impact", CheckFamily.Fairness, Digest, Digest, "0.71", Time, 4)],
        SignOffs = [new SignOffDetails("victor", "Victor", "validator", 2, SignOffMeaning.Approved, "Fine", Time, false, 5)],
        Runs = [],
    };

    public static RunDetails Run { get; } = new()
    {
        Id = "r1", ModelId = "loans", Version = 1, Status = RunStatus.Succeeded, Seed = 1, StartedAt = Time, FinishedAt = Time,
        Checks = [new RunCheck("validation.discrimination", RunCheckStatus.Recorded, 1, "AUC 0.79")],
    };

    public static PromotionDetails Promotion { get; } = new("loans", 1, null, Allowed, 9);

    public static LogDetails Log { get; } = new("governance", "governance.local/governance", 10, Digest.Hex, Time, "note");

    public static LogEntry Entry => new(9, Time, "version.promoted.v1", "olivia", Digest.Hex, new JsonObject { ["a"] = 1 });

    public static Page<LogEntry> Entries => new([Entry], null);

    public static VerificationDetails Verified { get; } = new("governance", true, 10, Digest.Hex, [], 3.5);

    public static RouteDetails Route { get; } = new(
        "loans", 1, true, null, null, Time, 9, new RouteSettings { Canary = new RouteCanary(2, 5, "salt", Time, 12), Shadows = [3] });

    public static Page<RouteDetails> Routes { get; } = new([Route], null);

    public static FindingDetails Finding { get; } = new()
    {
        Id = "loans.f1", ModelId = "loans", Version = 1, Title = "Overfits", Description = "Much", Severity = FindingSeverity.High, Status = FindingStatus.Answered, Owner = "dana",
        Due = Time, Overdue = true, RaisedBy = "victor", RaisedByName = "Victor", RaisedAt = Time, LedgerIndex = 4,
        Notes = [new FindingNoteDetails(FindingStatus.Answered, "dana", "Dana", "Retrained", null, Time, 5)],
    };

    public static Page<FindingDetails> Findings { get; } = new([Finding], "next");

    public static WaiverDetails Waiver { get; } = new()
    {
        Id = "loans.w1", ModelId = "loans", Version = 1, Rule = "performance-auc", Target = PromotionTarget.Champion, Status = WaiverStatus.Requested, Reason = "a", Risk = "b",
        Control = "c", Exit = "d", Expires = Time, Level = 2, Emergency = true, RequestedBy = "dana", RequestedByName = "Dana", RequestedAt = Time, LedgerIndex = 6,
        Approvals = [new WaiverApprovalDetails("olivia", "Olivia", "owner", 1, "Fine", Time, 7)], Needs = "committee",
    };

    public static Page<WaiverDetails> Waivers { get; } = new([Waiver], null);

    public static Page<Alert> Alerts { get; } = new([new Alert(AlertKind.FindingOverdue, "loans", 1, "loans.f1", Time, "Overdue: Overfits")], null);

    public static ReviewDetails Review { get; } = new()
    {
        Id = 7, Route = "loans", Version = 1, Client = "loans-app", Since = Time, Withheld = true, Status = "claimed", Person = "rosa", Until = Time.AddHours(4),
        Payload = new JsonObject { ["decision"] = "adverse" },
    };

    public static Page<ReviewDetails> Reviews { get; } = new([Review], null);

    public static IReadOnlyList<ReviewFiguresDetails> ReviewFigures { get; } = [new("loans", 1, 2, 3, 1, 0.25)];

    public static ErasureDetails Erasure { get; } = new()
    {
        Id = "e1", Status = ErasureStatus.Requested, Ground = "objection", SubjectReference = "s-1", RequestedBy = "dora", RequestedAt = Time,
        Approvals = [new ErasureApprovalDetails("olivia", "Olivia", "owner", Time, 7)],
    };

    public static KeyDetails Keys { get; } = new()
    {
        Log = "example.test/inference", Key = "local-0123456789abcdef", Since = Time, FromEpoch = 4, Epoch = 6, Retired = ["local-fedcba9876543210"],
        NextRoll = Time.AddDays(7), PendingErasures = 1,
    };

    public static ReportDetails Report { get; } = new("p1", ReportKind.Validation, "model/loans", Digest, "victor", Time, 8);

    public static PolicyDetails Policy { get; } = new("starter", "1", Digest, Digest, [new PolicyRule("fairness-air", "Adverse impact", "deny", "29 CFR 1607.4(D)")]);

    public static ProposalDetails Proposal { get; } = new()
    {
        Id = "p1", Status = ProposalStatus.Proposed, Name = "starter", Version = "1.1.0", Policy = Digest, Params = Digest, Archive = Digest, EffectiveFrom = Time.AddDays(30),
        Comment = "Stricter", Tests = 12, Coverage = 0.9, ProposedBy = "victor", ProposedAt = Time, LedgerIndex = 11,
        DryRun = new DryRunReport(
            "starter 1.0.0", "starter 1.1.0", Digest, Digest, [new PolicyChange(PolicyChangeKind.Changed, "parameter", "auc_min", "tier 1", "0.7", "0.75")], 1, [], 3, 3, 0,
            [
                new DryRunDifference("loans", 1, "promote", 9, Time, GateStatus.Allowed, GateStatus.Denied,
                    [new RuleDifference("performance-auc", RuleStatus.Pass, RuleStatus.Violation, 0.72, 0.7, 0.75, "AUC is 0.72, below 0.75.")]),
            ],
            1),
    };

    public static Page<ProposalDetails> Proposals { get; } = new([Proposal with { DryRun = null }], null);

    public static Page<PolicyReleaseDetails> Releases { get; } = new([new PolicyReleaseDetails("starter", "1.0.0", Digest, Digest, Digest, Time, true, null, 0)], null);

    public static GateDecisionDetails Decision { get; } = new(41, Time, "loans", 1, "promote", Denied);

    public static ReplayVerdict Replayed { get; } = new(41, true, Denied, []);

    public static RunExplanation Explanation { get; } = new(
        "r1", Digest, "in-process", ["1 shard"],
        [new ShardExplanation(0, 1.5, 1, 1.25, 1.0, 80, "node", null, [new WorkExplanation("validation.discrimination", Digest, Digest, Cached: false)])]);

    public static InferResponse Inference { get; } = new()
    {
        ModelName = "loans", ModelVersion = "1", Parameters = new JsonObject { ["audit_index"] = 3 },
        Outputs = [new InferTensor("score", [1], "FP64", JsonSerializer.SerializeToElement(new[] { 0.25 }))],
    };

    public static Me Me { get; } = new("dana", "Dana Okafor", CallerKind.Person, ["developer"]);
}

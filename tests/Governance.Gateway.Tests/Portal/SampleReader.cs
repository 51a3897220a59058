using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Oversight;
using Governance.Core.Serving;
using Governance.Core.State;
using Governance.Gateway.Portal;

namespace Governance.Gateway.Tests.Portal;

/// <summary>A lender's inventory as the pages would see it. For tests of the pages only.</summary>
internal sealed class SampleReader : IPortalReader
{
    public const string Model = "consumer-credit";
    public const string Dataset = "loans-2026-11";
    public const string Finding = Model + ".f2";
    public const string Waiver = Model + ".w2";
    public const string Emergency = Model + ".w3";
    private static readonly DateTimeOffset Start = new(2026, 11, 18, 9, 12, 0, TimeSpan.Zero);
    private readonly List<SignOffDetails> signOffs =
    [
        new("olivia", "Olivia Brandt", "owner", 1, SignOffMeaning.Attested, "The purpose is unchanged; I accept the residual risk.", Start.AddHours(3), false, 31),
    ];

    public IReadOnlyList<SignOffDetails> SignOffs => signOffs;

    public bool Empty { get; init; }

    public void Add(SignOffDetails signOff) => signOffs.Add(signOff);

    public ValueTask<Page<ModelSummary>> ModelsAsync(string? pageToken, CancellationToken cancellationToken) => ValueTask.FromResult(Empty
        ? new Page<ModelSummary>([], null)
        : new Page<ModelSummary>(
        [
            new(Model, "Consumer credit default", "Estimates default within 12 months for unsecured consumer loans up to 25,000 EUR.", Tier.One, true, "olivia", 3, 2, VersionStatus.Submitted),
            new("card-limit", "Card limit increase", "Proposes limit increases to a credit officer, who decides.", Tier.Two, true, "olivia", 5, 5, VersionStatus.Promoted),
            new("collections-priority", "Collections priority", "Orders outbound calls of the collections team.", Tier.Three, false, "olivia", 1, null, VersionStatus.Suspended),
            new("sme-scorecard", "Small business scorecard", "Scores loans to businesses with a turnover under 2 million EUR.", Tier.One, false, "oscar", 0, null, null),
        ], "sme-scorecard"));

    public ValueTask<DatasetPicture?> DatasetAsync(string datasetId, CancellationToken cancellationToken)
    {
        var source = new DatasetRegistration
        {
            Id = "loans-2026", Name = "Loans of 2026", Use = DatasetUse.Evaluation, Digest = Hash("loans"), SchemaDigest = Hash("schema"), Rows = 9000, Features = ["income"], Label = "bad",
            Protected = new Dictionary<string, string> { ["sex"] = "male" }, LegalBasis = "legal_obligation", RetentionMonths = 60,
        };
        DatasetPart[] parts = [new(source.Digest, 9000), new(Hash("november"), 700)];
        var dataset = source with
        {
            Id = Dataset, Name = "Loans of 2026 with November", Parts = parts, Rows = 9700, Digest = Digest.Of(DatasetRegistration.ManifestOf(parts)),
            Origin = new DatasetOrigin([source.Digest], "rows appended", Hash("program")),
        };
        return ValueTask.FromResult(datasetId != Dataset ? null : new DatasetPicture(
            dataset, [new LineageStep(dataset.Digest, [Dataset], 0, dataset.Origin), new LineageStep(source.Digest, [source.Id], 1, null)]));
    }

    public ValueTask<ModelDetails?> ModelAsync(string modelId, DateTimeOffset? asOf, CancellationToken cancellationToken) =>
        ValueTask.FromResult(modelId != Model || asOf < Start ? null : new ModelDetails(
            new ModelRegistration
            {
                Id = Model,
                Name = "Consumer credit default",
                Use = "Estimates default within 12 months for unsecured consumer loans up to 25,000 EUR. Not for mortgages or businesses.",
                Tier = Tier.One,
                Owner = "olivia",
                Developers = ["dana"],
                Jurisdictions = ["DE", "EU"],
                Automation = Automation.Sole,
            },
            true, "dana", Start.AddDays(-300), 2,
            [
                new(3, VersionStatus.Submitted, Hash("m3"), "Adds twelve months of current-account behaviour; drops postcode.", "dana", Start, 4, GateStatus.Denied),
                new(2, VersionStatus.Promoted, Hash("m2"), "Recalibrated on 2025 originations.", "dana", Start.AddDays(-140), 9, GateStatus.Allowed),
                new(1, VersionStatus.Superseded, Hash("m1"), "First release.", "dana", Start.AddDays(-290), 9, GateStatus.Allowed),
            ]));

    public ValueTask<VersionDetails?> VersionAsync(string modelId, int version, CancellationToken cancellationToken) =>
        ValueTask.FromResult(modelId != Model || version is < 1 or > 3 ? null : new VersionDetails
        {
            ModelId = Model,
            Submission = new VersionSubmission
            {
                Number = version,
                Artifact = Hash("m" + version),
                Description = "Adds twelve months of current-account behaviour; drops postcode.",
                Features = ["age_of_account", "utilisation", "income", "delinquencies", "inquiries", "tenure"],
                TrainingDataset = "applications-2024",
                EvaluationDataset = "applications-2025h1",
                Threshold = 0.18,
                FavourablePrediction = 0,
            },
            Status = version switch { 3 => VersionStatus.Submitted, 2 => VersionStatus.Promoted, _ => VersionStatus.Superseded },
            SubmittedBy = "dana",
            SubmittedAt = Start,
            Binding = Hash("binding"),
            Evidence = [.. SampleEvidence.All.Select((r, i) => new EvidenceSummary(r.Check, r.Family, Hash(r.Check), r.ComputeDigest(), r.Summary, Start.AddMinutes(4), 24 + i)),
                new("robustness.missing_values", CheckFamily.Robustness, Hash("lost"), Hash("lost result"), "The evidence cannot be read or verified.", Start.AddMinutes(5), 28)],
            SignOffs = [.. signOffs],
            Runs = [Run()],
            LastGate = SampleEvidence.Gate,
        });

    public ValueTask<IReadOnlyList<HistoryEntry>> HistoryAsync(string modelId, int version, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<HistoryEntry>>(
        [
            new(Start.AddHours(4), "Gate: denied", "3 of 6 rules block", "olivia", Tone.Bad, 33),
            new(Start.AddHours(3), "Attested by Olivia Brandt (owner)", "The purpose is unchanged; I accept the residual risk.", "olivia", Tone.Good, 31),
            new(Start.AddMinutes(5), "Checks finished", "5 results recorded", "system", Tone.Info, 29),
            new(Start, "Submitted", null, "dana", Tone.Neutral, 22),
        ]);

    public ValueTask<GateDecision?> GateNowAsync(Caller caller, string modelId, int version, CancellationToken cancellationToken) =>
        ValueTask.FromResult(modelId != Model || version is < 1 or > 3 ? null : SampleEvidence.Gate);

    public ValueTask<Page<FindingDetails>> FindingsAsync(string? modelId, int? version, FindingStatus? status, string? pageToken, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new Page<FindingDetails>([.. Findings.Where(f => !Empty && (status is null || f.Status == status) && (version is null || f.Version <= version))], null));

    public ValueTask<FindingDetails?> FindingAsync(string findingId, CancellationToken cancellationToken) => ValueTask.FromResult(Findings.FirstOrDefault(f => f.Id == findingId));

    public ValueTask<Page<WaiverDetails>> WaiversAsync(string? modelId, int? version, WaiverStatus? status, string? pageToken, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new Page<WaiverDetails>([.. Waivers.Where(w => !Empty && (status is null || w.Status == status) && (version is null || w.Version == version))], null));

    public ValueTask<WaiverDetails?> WaiverAsync(string waiverId, CancellationToken cancellationToken) => ValueTask.FromResult(Waivers.FirstOrDefault(w => w.Id == waiverId));

    /// <summary>Requests counted so far: another number each time a test sets it.</summary>
    public long LiveRequests { get; set; } = 48_211;

    public ValueTask<RoutePicture?> RouteAsync(string name, int minutes, CancellationToken cancellationToken) => ValueTask.FromResult(name != Model ? null : new RoutePicture(
        new RouteDetails(Model, 2, true, null, null, Start.AddDays(-140), 41, new RouteSettings { Canary = new RouteCanary(3, 10, "salt", Start, 77), Shadows = [1], Export = new ExportRule("watch"), Reasons = new ReasonRule(ReasonsWhen.Adverse), Groups = [new GroupAttribute("sex", ["male", "female", "other"])] }),
        new LiveRoute(Model, minutes, Start,
            [
                new LiveArm("champion", 2, LiveRequests, 50_400, 12, 3, 0.214, 0.31, 1.2, 2.9, 8.4,
                    [new("score", 0.04, 0.002, 0), new("income", 0.31, 0.002, 0.12), new("utilisation", 0.08, 0.002, 0)], new LiveOutcomes(9_120, 801, 0.741, 0.071, 0.018))
                {
                    Groups =
                    [
                        new("sex", "male", 21_340, 0.812, null, null, null, 4_410, 0.61, 0.12, null, null), new("sex", "female", 18_020, 0.704, 0.867, 0.857, 0.877, 3_702, 0.55, 0.14, -0.06, 0.02),
                        new("sex", "other", null, null, null, null, null, null, null, null, null, null),
                    ],
                },
                new LiveArm("canary", 3, 14, 14, 0, 0, null, null, 1.4, 3.1, 9.9, [], null),
            ],
            [new Alert(AlertKind.LiveMonitor, Model, 2, Model, null, "The feature income moved from the training of version 2: stability index 0.31, limit 0.25.")])));

    public ValueTask<IReadOnlyList<Alert>> AlertsAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<Alert>>(Empty ? [] :
    [
        new(AlertKind.WaiverLapsed, "card-limit", 5, "card-limit.w4", Start.AddDays(-1), "Version 5 serves without the waiver of 'performance-stability' it relied on: it is expired."),
        new(AlertKind.ReviewDue, Model, 3, Emergency, Start.AddDays(3), "The emergency waiver of 'robustness-missing' waits for the committee's review."),
        new(AlertKind.FindingOverdue, Model, 2, Model + ".f1", Start.AddDays(-9), "Overdue: Reject inference leaves the thin-file segment untested"),
    ]);

    public ValueTask<TimeSpan> SignatureMaxAgeAsync(string modelId, CancellationToken cancellationToken) => ValueTask.FromResult(TimeSpan.FromMinutes(15));

    private static readonly FindingDetails[] Findings =
    [
        new()
        {
            Id = Finding, ModelId = Model, Version = 3, Title = "Approval rate of the youngest applicants falls below four fifths", Severity = FindingSeverity.Critical,
            Description = "The adverse impact ratio of age=18-24 is 0.74 on the 2025 applications, with an upper bound of 0.80.\nTenure and current-account age stand in for age.",
            Status = FindingStatus.Answered, Owner = "olivia", Due = Start.AddDays(20), Overdue = false, Rule = "fairness-air", Evidence = Hash("fairness.adverse_impact"),
            RaisedBy = "vera", RaisedByName = "Vera Solano", RaisedAt = Start.AddHours(5), LedgerIndex = 34,
            Notes = [new(FindingStatus.Answered, "olivia", "Olivia Brandt", "Retrained without tenure; the ratio is 0.86 on the same data.", null, Start.AddHours(9), 41)],
        },
        new()
        {
            Id = Model + ".f1", ModelId = Model, Version = 2, Title = "Reject inference leaves the thin-file segment untested", Severity = FindingSeverity.Medium,
            Description = "Fewer than 30 outcomes.", Status = FindingStatus.Open, Owner = "victor", Due = Start.AddDays(-9), Overdue = true,
            RaisedBy = "vera", RaisedByName = "Vera Solano", RaisedAt = Start.AddDays(-60), LedgerIndex = 12, Notes = [],
        },
    ];

    private static readonly WaiverDetails[] Waivers =
    [
        new()
        {
            Id = Waiver, ModelId = Model, Version = 3, Rule = "fairness-air", Target = PromotionTarget.Champion, Status = WaiverStatus.Requested,
            Reason = "The alternative search ends in January.", Risk = "About 40 declined applicants a month who would be approved without the gap.",
            Control = "Every decline of an applicant under 25 is reviewed by a person.", Exit = "Version 4, trained without tenure.", Expires = Start.AddDays(60), Level = 2,
            Emergency = false, RequestedBy = "dana", RequestedByName = "Dana Okafor", RequestedAt = Start.AddHours(6), LedgerIndex = 36,
            Approvals = [new("oscar", "Oscar Lind", "owner", 1, "Within the appetite of the product.", Start.AddHours(7), 38)], Needs = "committee",
        },
        new()
        {
            Id = Emergency, ModelId = Model, Version = 3, Rule = "robustness-missing", Target = PromotionTarget.Champion, Status = WaiverStatus.Active,
            Reason = "The bureau changed its format overnight.", Risk = "Scores of 2 % of applications rest on defaults.", Control = "These go to a person.",
            Exit = "The check is repeated on the new format.", Expires = Start.AddDays(20), Level = 1, Emergency = true, RequestedBy = "dana", RequestedByName = "Dana Okafor",
            RequestedAt = Start.AddHours(8), LedgerIndex = 44, ReviewDue = Start.AddDays(3),
            Approvals =
            [
                new("oscar", "Oscar Lind", "owner", 1, "No other way tonight.", Start.AddHours(8), 45),
                new("vera", "Vera Solano", "validator", 2, "The control holds.", Start.AddHours(9), 46),
            ],
        },
    ];

    public ValueTask<IReadOnlyList<ReviewTest>> TestsAsync(string modelId, int version, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ReviewTest>>(modelId == Model ? SampleEvidence.Tests : []);

    public ValueTask<CheckResult?> EvidenceAsync(Digest envelope, CancellationToken cancellationToken) =>
        ValueTask.FromResult(SampleEvidence.All.FirstOrDefault(r => Hash(r.Check) == envelope));

    public ValueTask<LogDetails?> LogAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Empty
        ? null
        : new LogDetails("governance", "governance.bank.example/log", 10_412, Hash("root").Hex, Start.AddHours(5),
            "governance.bank.example/log\n10412\n" + Convert.ToBase64String(Hash("root").ToBytes()) + "\n\n— governance.bank.example Zm9vYmFy\n"));

    public ValueTask<Page<LogEntry>> EntriesAsync(string? pageToken, CancellationToken cancellationToken) => ValueTask.FromResult(Empty
        ? new Page<LogEntry>([], null)
        : new Page<LogEntry>([.. Enumerable.Range(0, 12).Select(i => new LogEntry(
            10_411 - i, Start.AddHours(5).AddMinutes(-7 * i), i % 3 == 0 ? "version.signed-off.v1" : i % 3 == 1 ? "evidence.recorded.v1" : "gate.evaluated.v1",
            i % 3 == 1 ? "system" : "victor", Hash("leaf" + i).Hex, new JsonObject { ["stream"] = "model/" + Model, ["version"] = 40 - i }))], "10399"));

    private static RunDetails Run() => new()
    {
        Id = "0198f3",
        ModelId = Model,
        Version = 3,
        Status = RunStatus.Failed,
        Seed = 20260101,
        StartedAt = Start.AddMinutes(1),
        FinishedAt = Start.AddMinutes(5),
        Checks =
        [
            new("validation.discrimination", RunCheckStatus.Recorded, 1, null),
            new("fairness.adverse_impact", RunCheckStatus.Recorded, 1, null),
            new("validation.conversion_parity", RunCheckStatus.NotApplicable, 1, "The data holds no reference scores."),
            new("privacy.membership", RunCheckStatus.Running, 0.4, null),
            new("robustness.noise", RunCheckStatus.Failed, 1, "The session refused an input of type string."),
        ],
    };

    private static Digest Hash(string text) => Digest.Of(System.Text.Encoding.UTF8.GetBytes(text));
}

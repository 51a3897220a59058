using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Gateway.Portal;

namespace Governance.Gateway.Tests.Portal;

/// <summary>A lender's inventory as the pages would see it. For tests of the pages only.</summary>
internal sealed class SampleReader : IPortalReader
{
    public const string Model = "consumer-credit";
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

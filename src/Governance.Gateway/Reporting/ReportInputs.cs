using System.Globalization;
using Governance.Checks;
using Governance.Core;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.State;
using Governance.Gateway.Hosting;
using Governance.Gateway.Keys;
using Governance.Gateway.Policy;
using Governance.Ledger;
using Governance.Reports.Charts;
using Governance.Reports.Documents;
using Governance.Reports.Erasure;
using Governance.Reports.Validation;

namespace Governance.Gateway.Reporting;

/// <summary>Gathers what a report is made from: state, verified evidence, the ledger's head. Adds no fact of its own.</summary>
public sealed class ReportInputs(EvidenceSource evidence, PolicyInForce policy, ReviewTests tests, DecisionSource decisions, GovernanceLogs logs, PayloadKeyCustody custody)
{
    public ValidationReportInput Validation(GovernanceState state, VersionState version, string reportId, Caller author, DateTimeOffset now)
    {
        var model = state.Models[version.ModelId];
        var gate = version.LastGate is { } last ? decisions.Get(last) : null;
        var valid = version.ValidSignOffs(state, policy.Digest).ToList();
        return new ValidationReportInput
        {
            ReportId = reportId,
            GeneratedAt = now,
            Author = Author(author),
            Model = Facts(model),
            Version = new VersionFacts(
                version.Number.ToString(CultureInfo.InvariantCulture), version.Submission.Artifact, $"ONNX, {version.Submission.Features.Count} features",
                Person(version.SubmittedBy), version.SubmittedAt, version.SubmittedPosition, version.Submission.Threshold,
                $"prediction {version.Submission.FavourablePrediction}"),
            Policy = new PolicyFacts(policy.Pack.Name, policy.Pack.Version, policy.Pack.Digest),
            Ledger = Head(),
            Datasets =
            [
                Facts(state.Datasets[version.Submission.TrainingDataset]),
                Facts(state.Datasets[version.Submission.EvaluationDataset]),
            ],
            Evidence = [.. CheckCatalogue.All
                .Where(c => version.Evidence.ContainsKey(c.Descriptor.Id))
                .Select(c => Item(c.Descriptor, version.Evidence[c.Descriptor.Id], version))
                .OfType<EvidenceItem>()],
            Tests = tests.Of(version),
            Gate = gate is not null ? new GateFacts(gate, version.LastGate!.Position, version.LastGate.Time) : null,
            SignOffs = [.. valid.Select(s => new Signature(s.Person, s.PersonName, s.Role, s.Time, s.Meaning.ToString().ToLowerInvariant(), s.Comment, s.Position))],
            Limits = Limits(gate),
        };
    }

    public ErasureCertificateInput Erasure(GovernanceState state, ErasureState erasure, string reportId, Caller author, DateTimeOffset now)
    {
        var executed = erasure.Executed ?? throw new ArgumentException("The erasure has not been executed.", nameof(erasure));
        var holdings = erasure.Started!.Holdings;
        var reader = logs.Governance.Log.Reader;
        LedgerEntryFacts Entry(long index, string what, DateTimeOffset at) =>
            new(index, what, at, Digest.FromHash(MerkleTree.LeafHash(reader.Read(index)).ToArray()));
        return new ErasureCertificateInput
        {
            ReportId = reportId,
            GeneratedAt = now,
            Author = Author(author),
            RequestId = erasure.Id,
            SubjectReference = erasure.Request.SubjectReference,
            ReceivedAt = erasure.RequestedAt,
            CompletedAt = erasure.ExecutedAt!.Value,
            Due = DateOnly.FromDateTime(erasure.RequestedAt.UtcDateTime).AddMonths(1),
            Ground = Ground(erasure.Request.Ground),
            Approvals = [.. erasure.Approvals.Select(a => new Signature(a.Person, a.PersonName, a.Role, a.Time, "approved", null, a.Position))],
            Stores =
            [
                new StoreOutcome("Decision payloads and this request", "erased", "key path punctured, ciphertext deleted", executed.Records,
                    "Decrypting any of these records fails: their keys cannot be derived any more."),
                new StoreOutcome("Subject index", "erased", "rows deleted", executed.Records, "A search for the subject finds nothing."),
                .. holdings.Select(h => new StoreOutcome($"Dataset {h.Dataset}", "retained", "not removed", h.Rows,
                    $"The subject's rows were counted before the keys were destroyed{(state.Datasets[h.Dataset].Parts is { } parts ? $", in all {parts.Count} files: {Files(parts)}" : "")}.")),
            ],
            Keys = new KeyDestruction(executed.Records, Digest.Parse(executed.DestroyedRoot), executed.KeyEpoch, erasure.Finalised is null ? custody.Due : null)
            {
                FinalAt = erasure.FinalisedAt,
            },
            Entries =
            [
                Entry(erasure.RequestedPosition, "requested", erasure.RequestedAt),
                .. erasure.Approvals.Select(a => Entry(a.Position, "approved", a.Time)),
                Entry(erasure.ExecutedPosition!.Value, "executed", erasure.ExecutedAt.Value),
                .. erasure.FinalisedPosition is { } final ? [Entry(final, "final", erasure.FinalisedAt!.Value)] : Array.Empty<LedgerEntryFacts>(),
            ],
            Ledger = Head(),
            Models = [.. Affected(state, holdings.Select(h => h.Dataset).ToHashSet(StringComparer.Ordinal))],
            Retained = [.. holdings.Select(h => new RetainedItem(
                $"{h.Rows} row(s) in dataset {h.Dataset}", "to be decided by the controller",
                "Registered datasets are immutable. Register the dataset without these rows, and retrain or assess the models named in this certificate.", null))],
            Recipients = [.. (erasure.Started.Recipients ?? []).Select(r => new NotifiedRecipient($"Payload sink {r.Sink}", r.Records, null))],
        };
    }

    /// <summary>Names are known of signers only, from their signatures; others are shown by the identifier of their token.</summary>
    private static Person Person(string subject) => new(subject, subject);

    private static string Author(Caller caller) => $"{caller.Name} ({caller.Roles})";

    private static string Ground(string code) => code switch
    {
        "no_longer_necessary" => "Art. 17(1)(a): no longer necessary",
        "consent_withdrawn" => "Art. 17(1)(b): consent withdrawn",
        "objection" => "Art. 17(1)(c): objection",
        "unlawful" => "Art. 17(1)(d): unlawful processing",
        "legal_duty" => "Art. 17(1)(e): legal duty",
        _ => code,
    };

    private static ModelFacts Facts(ModelState model) => new(
        model.Id, model.Registration.Name, model.Registration.Use, (int)model.Registration.Tier,
        model.TierConfirmed ? "confirmed by a validator" : "proposed, not confirmed", Person(model.Registration.Owner),
        [.. model.Registration.Developers.Select(Person)], model.Registration.Jurisdictions,
        [model.Registration.Use], []);

    private static DatasetFacts Facts(Core.Inventory.DatasetRegistration dataset) => new(
        dataset.Id, dataset.Name, dataset.Use.ToString().ToLowerInvariant(), dataset.Digest, dataset.Rows, Source(dataset),
        dataset.LegalBasis.Replace('_', ' '), $"{dataset.RetentionMonths} months", [.. dataset.Protected.Keys]);

    /// <summary>The files, and what they were made from.</summary>
    private static string Source(Core.Inventory.DatasetRegistration dataset) =>
        (dataset.Parts is { } parts ? $"{parts.Count} registered files: {Files(parts)}" : "registered file")
        + (dataset.Origin is { } origin ? $". Made from {string.Join(", ", origin.Parents.Select(p => p.Abbreviated))}: {origin.Recipe}" : "");

    private static string Files(IReadOnlyList<Core.Inventory.DatasetPart> parts) =>
        string.Join(", ", parts.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.File.Abbreviated} ({p.Rows} rows)")));

    private static IEnumerable<ModelDisposition> Affected(GovernanceState state, HashSet<string> datasets) =>
        from model in state.Models.Values
        from version in model.Versions.Values
        where datasets.Contains(version.Submission.TrainingDataset)
        select new ModelDisposition(model.Id, version.Number.ToString(CultureInfo.InvariantCulture), "to be assessed",
            "Trained on a dataset that holds rows of the subject: the validator and the DPO decide between keeping and retraining.");

    private EvidenceItem? Item(CheckDescriptor descriptor, EvidenceState recorded, VersionState version) => evidence.Get(recorded.Envelope) is { } verified
        ? new EvidenceItem(
            verified.Result,
            new CheckText(descriptor.Title, descriptor.Purpose, descriptor.Method, descriptor.SignsOfHighRisk, descriptor.Strengths, descriptor.Limits, descriptor.Sources),
            recorded.Envelope, recorded.Position, recorded.Time, "evidence key of this installation", verified.Statement.Predicate.Run.Engine)
        {
            Reproduced = version.Reproductions.TryGetValue(recorded.Envelope, out var again)
                ? string.Create(CultureInfo.InvariantCulture, $"{(again.Same ? "the same" : "with another result")} on {again.Engine}, {again.Platform}, {again.Time:yyyy-MM-dd}; ledger entry {again.Position}")
                : null,
        }
        : null;

    /// <summary>The thresholds the last gate decision compared with, as lines on the charts of the measures they concern.</summary>
    private static Dictionary<string, IReadOnlyList<ReferenceLine>> Limits(GateDecision? gate)
    {
        var limits = new Dictionary<string, IReadOnlyList<ReferenceLine>>(StringComparer.Ordinal);
        var air = gate?.Rules.FirstOrDefault(r => r.Rule.Contains("impact", StringComparison.Ordinal) && r.Threshold is not null);
        if (air?.Threshold is { } threshold)
        {
            limits["adverse_impact_ratio"] = [new ReferenceLine(threshold, "policy minimum")];
        }

        return limits;
    }

    private LedgerHead Head()
    {
        var note = logs.Governance.Log.PublishCheckpoint();
        var checkpoint = Checkpoint.Parse(note.Text)!;
        return new LedgerHead(checkpoint.Origin, checkpoint.Size, Digest.FromHash(checkpoint.Root.ToArray()), note.ToString());
    }
}

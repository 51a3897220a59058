using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Evidence;

namespace Governance.Cli.Demo.Steps;

/// <summary>Run the standard checks on the first version and look at the evidence.</summary>
internal sealed class CheckStep : ITourStep
{
    public string Title => "Check it: validation, fairness, explainability, privacy, robustness";

    public async Task RunAsync(TourContext tour, CancellationToken cancellationToken)
    {
        var number = tour.Facts.BiasedVersion!.Value;
        var run = await CheckRuns.RunAsync(tour, number, cancellationToken);
        var version = await tour.As(Personas.Validator).GetVersionAsync(tour.ModelId, number, null, cancellationToken);
        foreach (var evidence in version.Evidence)
        {
            tour.Say($"{evidence.Check}: {evidence.Summary}");
        }

        foreach (var check in run.Checks.Where(c => c.Status == RunCheckStatus.NotApplicable))
        {
            tour.Say($"{check.Check} does not apply: {check.Note}");
        }

        var families = version.Evidence.Select(e => e.Family).Distinct().ToList();
        TourContext.Require(families.Count == Enum.GetValues<CheckFamily>().Length, "evidence of every family of checks");
        foreach (var evidence in version.Evidence)
        {
            await OpenAsync(tour, version, evidence, cancellationToken);
        }

        tour.Say($"{version.Evidence.Count} signed envelopes fetched; each is what its digest says and is about this model file and this data, seed {run.Seed}.");
        tour.Prove($"{version.Evidence.Count} checks of {families.Count} families left signed evidence bound to the model's and the data's SHA-256.");
    }

    /// <summary>The envelope hashes to its name, its result to the recorded digest, and its subjects are the version's.</summary>
    private static async Task OpenAsync(TourContext tour, VersionDetails version, EvidenceSummary evidence, CancellationToken cancellationToken)
    {
        var text = await tour.As(Personas.Auditor).GetEvidenceAsync(evidence.Envelope, cancellationToken);
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        var envelope = GovernanceJson.Deserialize<DsseEnvelope>(bytes);
        var statement = GovernanceJson.Deserialize<Statement>(envelope.PayloadBytes());
        var sound = Digest.Of(bytes) == evidence.Envelope
            && envelope.Signatures.Count > 0
            && statement.Predicate.Result.ComputeDigest() == evidence.Result
            && statement.Subject.Any(s => s.Name == StatementSubject.Model && s.Digest["sha256"] == version.Submission.Artifact.Hex);
        TourContext.Require(sound, $"the evidence of {evidence.Check} is what its digests say, about the submitted file");
    }
}

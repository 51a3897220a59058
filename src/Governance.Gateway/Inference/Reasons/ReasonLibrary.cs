using System.Text.Json;
using Governance.Checks.Explainability.Reasons;
using Governance.Core;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Data;
using Governance.Gateway.Intake;
using Governance.Models;
using Governance.Serving;

namespace Governance.Gateway.Inference.Reasons;

/// <summary>
/// Reasons by version, as the check of reason codes makes them: Shapley values of feature groups against the training applicants nearest to the cutoff on
/// its good side, stated in the words of the version's catalogue. Made once for a version and a catalogue, by whoever asks first. Thread-safe.
/// </summary>
internal sealed class ReasonLibrary(VersionMaterial material)
{
    public const string Unavailable = "reasons-unavailable";

    /// <summary>As the check's defaults: what is stated is what was looked at.</summary>
    private const int BackgroundRows = 100;
    private const int BlackBoxRows = 30;

    /// <summary>A route's settings ask for fewer.</summary>
    private const int MostReasons = 10;
    private const long Seed = 1;

    private readonly MadeOnce<(Digest Artifact, string Model, int Version, Digest? Catalogue), VersionReasons> made = new(most: 64);

    /// <summary>The reasons of a version. Work that was begun goes on when the caller stops waiting.</summary>
    /// <exception cref="ScoringException">They cannot be made: data or model are missing or altered, or nobody is decided favourably.</exception>
    public async Task<VersionReasons> GetAsync(VersionState version, CancellationToken cancellationToken)
    {
        var key = (version.Submission.Artifact, version.ModelId, version.Number, version.Documents.GetValueOrDefault(DocumentKind.ReasonCatalogue)?.File);
        try
        {
            return await made.GetAsync(key, () => MakeAsync(version), cancellationToken);
        }
        catch (Exception e) when (e is DatasetUnreadableException or ModelRefusedException or KeyNotFoundException or ReasonCatalogueException)
        {
            throw new ScoringException(Unavailable, $"The reasons of version {version.Number} cannot be made: {e.Message}", e);
        }
    }

    private async Task<VersionReasons> MakeAsync(VersionState version)
    {
        var submission = version.Submission;
        var model = material.Model(submission);
        var table = await material.TableAsync(submission.TrainingDataset);
        var rows = FeatureMatrix.Of(table, submission.Features);
        var scores = new double[rows.RowCount];
        model.Score(rows.Values.Span, scores, CancellationToken.None);
        var background = NearCutoff.Rows(scores, submission.Threshold, submission.FavourablePrediction, model.Reading.Structure is null ? BlackBoxRows : BackgroundRows);
        return background.Length == 0
            ? throw new ReasonCatalogueException("no applicant of the training data is decided favourably.")
            : new VersionReasons(ReasonCodeExplainer.Create(
                model, Rules(version), FeatureMatrix.Of(table, submission.Features, background).Values.Span, submission.FavourablePrediction, MostReasons, Seed,
                CancellationToken.None));
    }

    /// <summary>The rules of the data, with the sentences of the version's catalogue where it has one.</summary>
    private Dictionary<string, FeatureRule> Rules(VersionState version)
    {
        var rules = material.Rules(version).ToDictionary(StringComparer.Ordinal);
        if (version.Documents.GetValueOrDefault(DocumentKind.ReasonCatalogue) is { } document)
        {
            foreach (var (feature, text) in Catalogue(document.File))
            {
                rules[feature] = rules.GetValueOrDefault(feature, FeatureRule.None) with { ReasonText = text };
            }
        }

        return rules;
    }

    private Dictionary<string, string> Catalogue(Digest file) => material.File(file) is { } content
        ? JsonSerializer.Deserialize<Dictionary<string, string>>(content) ?? []
        : throw new ReasonCatalogueException("the reason catalogue is missing or was altered.");
}

/// <summary>What reasons are stated from is not there.</summary>
internal sealed class ReasonCatalogueException(string message) : Exception(message);

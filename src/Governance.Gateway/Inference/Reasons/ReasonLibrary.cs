using System.Collections.Concurrent;
using System.Text.Json;
using Governance.Checks.Explainability.Reasons;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Data;
using Governance.Gateway.Intake;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Serving;
using Governance.Storage;

namespace Governance.Gateway.Inference.Reasons;

/// <summary>
/// Reasons by version, as the check of reason codes makes them: Shapley values of feature groups against the training applicants nearest to the cutoff on
/// its good side, stated in the words of the version's catalogue. Made once for a version and a catalogue, by whoever asks first. Thread-safe.
/// </summary>
internal sealed class ReasonLibrary(OnnxLimits limits, Governor governor, DatasetReader datasets, ArtifactStore artifacts)
{
    public const string Unavailable = "reasons-unavailable";

    /// <summary>As the check's defaults: what is stated is what was looked at.</summary>
    private const int BackgroundRows = 100;
    private const int BlackBoxRows = 30;

    /// <summary>A route's settings ask for fewer.</summary>
    private const int MostReasons = 10;
    private const long Seed = 1;

    /// <summary>Versions kept; beyond it all are made anew.</summary>
    private const int MostKnown = 64;

    private readonly ConcurrentDictionary<(Digest Artifact, string Model, int Version, Digest? Catalogue), Lazy<Task<VersionReasons>>> known = new();

    /// <summary>The reasons of a version. Work that was begun goes on when the caller stops waiting.</summary>
    /// <exception cref="ScoringException">They cannot be made: data or model are missing or altered, or nobody is decided favourably.</exception>
    public async Task<VersionReasons> GetAsync(VersionState version, CancellationToken cancellationToken)
    {
        var key = (version.Submission.Artifact, version.ModelId, version.Number, version.Documents.GetValueOrDefault(DocumentKind.ReasonCatalogue)?.File);
        if (known.Count > MostKnown)
        {
            known.Clear();
        }

        var made = known.GetOrAdd(key, _ => new Lazy<Task<VersionReasons>>(() => Task.Run(() => MakeAsync(version))));
        try
        {
            return await made.Value.WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is DatasetUnreadableException or ModelRefusedException or KeyNotFoundException or ReasonCatalogueException)
        {
            // Tried again: what is missing may be restored.
            known.TryRemove(new(key, made));
            throw new ScoringException(Unavailable, $"The reasons of version {version.Number} cannot be made: {e.Message}", e);
        }
    }

    private async Task<VersionReasons> MakeAsync(VersionState version)
    {
        var submission = version.Submission;
        var model = Open(submission);
        var dataset = governor.State.Datasets[submission.TrainingDataset];
        var table = await datasets.ReadAsync(dataset, CancellationToken.None);
        var rows = FeatureMatrix.Of(table, submission.Features);
        var scores = new double[rows.RowCount];
        model.Score(rows.Values.Span, scores, CancellationToken.None);
        var background = NearCutoff.Rows(scores, submission.Threshold, submission.FavourablePrediction, model.Reading.Structure is null ? BlackBoxRows : BackgroundRows);
        return background.Length == 0
            ? throw new ReasonCatalogueException("no applicant of the training data is decided favourably.")
            : new VersionReasons(ReasonCodeExplainer.Create(
                model, Rules(version, governor.State.Datasets[submission.EvaluationDataset]), FeatureMatrix.Of(table, submission.Features, background).Values.Span, submission.FavourablePrediction, MostReasons, Seed,
                CancellationToken.None));
    }

    /// <summary>A model of its own: an explainer may ask it for as long as it lives, whatever is served meanwhile.</summary>
    private OnnxScorer Open(VersionSubmission submission)
    {
        var scan = artifacts.Read(submission.Artifact) is { } content ? OnnxScanner.Scan(content, limits) : null;
        return scan?.Model is { } model
            ? new OnnxScorer(model, submission.Features)
            : throw new ModelRefusedException($"The model file {submission.Artifact.Abbreviated} is missing, was altered, or does not pass the scan.");
    }

    /// <summary>The rules of the data, with the sentences of the version's catalogue where it has one.</summary>
    private Dictionary<string, FeatureRule> Rules(VersionState version, DatasetRegistration data)
    {
        var rules = datasets.Schema(data).FeatureRules().ToDictionary(StringComparer.Ordinal);
        if (version.Documents.GetValueOrDefault(DocumentKind.ReasonCatalogue) is { } document)
        {
            foreach (var (feature, text) in Catalogue(document.File))
            {
                rules[feature] = rules.GetValueOrDefault(feature, FeatureRule.None) with { ReasonText = text };
            }
        }

        return rules;
    }

    private Dictionary<string, string> Catalogue(Digest file) => artifacts.Read(file) is { } content
        ? JsonSerializer.Deserialize<Dictionary<string, string>>(content) ?? []
        : throw new ReasonCatalogueException("the reason catalogue is missing or was altered.");
}

/// <summary>What reasons are stated from is not there.</summary>
internal sealed class ReasonCatalogueException(string message) : Exception(message);

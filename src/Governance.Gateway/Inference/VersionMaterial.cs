using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Data;
using Governance.Gateway.Intake;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Storage;

namespace Governance.Gateway.Inference;

/// <summary>What a version's decisions are explained from: its model, its data and what people know of the features, as they were registered. Thread-safe.</summary>
internal sealed class VersionMaterial(OnnxLimits limits, Governor governor, DatasetReader datasets, ArtifactStore artifacts)
{
    /// <summary>A model of its own: an explainer may ask it for as long as it lives, whatever is served meanwhile.</summary>
    /// <exception cref="ModelRefusedException">The file is missing or was altered.</exception>
    public OnnxScorer Model(VersionSubmission submission)
    {
        var scan = artifacts.Read(submission.Artifact) is { } content ? OnnxScanner.Scan(content, limits) : null;
        return scan?.Model is { } model
            ? new OnnxScorer(model, submission.Features)
            : throw new ModelRefusedException($"The model file {submission.Artifact.Abbreviated} is missing, was altered, or does not pass the scan.");
    }

    /// <exception cref="DatasetUnreadableException">File or schema is missing or was altered.</exception>
    public Task<DataTable> TableAsync(string dataset) => datasets.ReadAsync(governor.State.Datasets[dataset], CancellationToken.None);

    /// <summary>The rules that the version's evaluation data declare, by feature.</summary>
    /// <exception cref="DatasetUnreadableException">The schema is missing or was altered.</exception>
    public IReadOnlyDictionary<string, FeatureRule> Rules(VersionState version) =>
        datasets.Schema(governor.State.Datasets[version.Submission.EvaluationDataset]).FeatureRules();

    /// <summary>A registered file; null when it is missing or was altered.</summary>
    public byte[]? File(Digest digest) => artifacts.Read(digest);
}

using System.Text.Json;
using Governance.Checks;
using Governance.Core;
using Governance.Data;
using Governance.Data.Csv;
using Governance.Jobs.Plans;
using Governance.Models;
using Governance.Models.Onnx;

namespace Governance.Jobs.Shards;

/// <summary>The inputs of a plan, loaded by digest and verified. Thread-safe until disposed.</summary>
public sealed class PlanInputs : IDisposable
{
    private readonly IReadOnlyList<OnnxScorer> scorers;

    private PlanInputs(CheckInput input, IReadOnlyList<OnnxScorer> scorers) => (Input, this.scorers) = (input, scorers);

    public CheckInput Input { get; }

    /// <summary>Loads what the plan names.</summary>
    /// <param name="locate">Where the file of a digest lies.</param>
    /// <exception cref="PlanUnusableException">Something is missing, altered, or not what the plan says.</exception>
    public static async Task<PlanInputs> LoadAsync(CheckPlan plan, Func<Digest, string> locate, CancellationToken cancellationToken)
    {
        var (evaluation, schema) = await ReadTableAsync(plan.Evaluation, locate, cancellationToken);
        var training = plan.Training is { } data ? (await ReadTableAsync(data, locate, cancellationToken)).Table : null;
        var rules = await ReadRulesAsync(plan, schema, locate, cancellationToken);
        var open = new List<OnnxScorer>();
        try
        {
            async Task<OnnxScorer> OpenAsync(PlannedModel planned)
            {
                open.Add(await OpenModelAsync(planned, plan.Resources.GpuUse, locate, cancellationToken));
                return open[^1];
            }

            var model = await OpenAsync(plan.Model);
            var alternatives = new Dictionary<string, IScorer>(StringComparer.Ordinal);
            foreach (var alternative in plan.Alternatives ?? [])
            {
                alternatives[alternative.Name] = await OpenAsync(alternative.Model);
            }

            var input = new CheckInput
            {
                Evaluation = evaluation.WithReferenceScore(plan.Evaluation.ReferenceScore),
                EvaluationParts = [.. plan.Evaluation.Parts.Select(p => p.Rows)],
                Training = training,
                Model = model,
                Threshold = plan.Threshold,
                FavourablePrediction = plan.FavourablePrediction,
                ReferenceGroups = plan.ReferenceGroups.ToDictionary(g => g.Attribute, g => g.Level, StringComparer.Ordinal),
                Champion = plan.Champion is { } champion ? await OpenAsync(champion) : null,
                PreviousModel = plan.Previous is { } previous ? await OpenAsync(previous) : null,
                Alternatives = alternatives,
                FeatureRules = rules,
                Seed = plan.Seed,
                Parameters = plan.Checks.ToDictionary(
                    c => c.Id, IReadOnlyDictionary<string, double> (c) => c.Parameters.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal), StringComparer.Ordinal),
            };
            return new PlanInputs(input, open);
        }
        catch
        {
            Close(open);
            throw;
        }
    }

    public void Dispose() => Close(scorers);

    private static void Close(IReadOnlyList<OnnxScorer> open)
    {
        foreach (var scorer in open)
        {
            scorer.Dispose();
        }
    }

    private static async Task<IReadOnlyDictionary<string, FeatureRule>> ReadRulesAsync(CheckPlan plan, DatasetSchema schema, Func<Digest, string> locate, CancellationToken cancellationToken)
    {
        if (plan.FeatureRules is not { } digest)
        {
            return schema.FeatureRules();
        }

        var bytes = await File.ReadAllBytesAsync(Present(digest, locate), cancellationToken);
        return Digest.Of(bytes) != digest ? throw new PlanUnusableException($"The feature rules {digest.Abbreviated} were altered.")
            : FeatureRuleFile.Read(bytes, plan.Model.Features) is (var rules, null) ? FeatureRuleFile.Over(schema.FeatureRules(), rules!)
            : throw new PlanUnusableException($"The artefact {digest.Abbreviated} is no list of feature rules of this model.");
    }

    private static async Task<(DataTable Table, DatasetSchema Schema)> ReadTableAsync(PlannedData data, Func<Digest, string> locate, CancellationToken cancellationToken)
    {
        var schemaBytes = await File.ReadAllBytesAsync(Present(data.Schema, locate), cancellationToken);
        if (Digest.Of(schemaBytes) != data.Schema)
        {
            throw new PlanUnusableException($"The dataset schema {data.Schema.Abbreviated} was altered.");
        }

        DatasetSchema schema;
        try
        {
            schema = GovernanceJson.Deserialize<DatasetSchema>(schemaBytes);
        }
        catch (JsonException)
        {
            throw new PlanUnusableException($"The artefact {data.Schema.Abbreviated} is not a dataset schema.");
        }

        var parts = new List<DataTable>();
        foreach (var part in data.Parts)
        {
            parts.Add(await ReadPartAsync(part, schema, locate, cancellationToken));
        }

        var table = TableConcat.Of(parts);
        return data.Levels is { } levels && levels != PlannedData.LevelsOf(table)
            ? throw new PlanUnusableException("The levels of the dataset's categories are not those the plan names.")
            : (table, schema);
    }

    private static async Task<DataTable> ReadPartAsync(PlannedPart part, DatasetSchema schema, Func<Digest, string> locate, CancellationToken cancellationToken)
    {
        var outcome = await CsvTableReader.ReadFileAsync(Present(part.File, locate), schema, CsvLimits.Default, cancellationToken);
        return outcome.Digest != part.File ? throw new PlanUnusableException($"The dataset file {part.File.Abbreviated} was altered.")
            : outcome.Table is not { } table ? throw new PlanUnusableException($"The dataset file {part.File.Abbreviated} does not fit its schema.")
            : table.RowCount != part.Rows ? throw new PlanUnusableException($"The dataset file {part.File.Abbreviated} has {table.RowCount} rows; the plan says {part.Rows}.")
            : table;
    }

    private static async Task<OnnxScorer> OpenModelAsync(PlannedModel planned, GpuUse use, Func<Digest, string> locate, CancellationToken cancellationToken)
    {
        var scan = await OnnxScanner.ScanFileAsync(Present(planned.Artifact, locate), OnnxLimits.Default, cancellationToken);
        if (scan.Model is not { } model || model.Digest != planned.Artifact)
        {
            throw new PlanUnusableException($"The model file {planned.Artifact.Abbreviated} was altered, or does not pass the scan.");
        }

        try
        {
            return Open(model, planned.Features, use);
        }
        catch (ModelRefusedException e)
        {
            throw new PlanUnusableException(e.Message);
        }
    }

    /// <summary>On a GPU where the policy and the machine say so. A GPU that is there and cannot be used is as good as none.</summary>
    private static OnnxScorer Open(ScannedModel model, IReadOnlyList<string> features, GpuUse use)
    {
        var device = ModelDevice.Choose(use, Provenance.Gpus);
        try
        {
            return new OnnxScorer(model, features, device);
        }
        catch (ModelRefusedException) when (device.IsGpu && use is GpuUse.Prefer)
        {
            return new OnnxScorer(model, features);
        }
    }

    private static string Present(Digest digest, Func<Digest, string> locate)
    {
        var path = locate(digest);
        return File.Exists(path) ? path : throw new PlanUnusableException(
            $"The artefact {digest.Abbreviated} is not there: is the shared folder mounted on this node?");
    }
}

/// <summary>A plan cannot be carried out here; trying again does not help. The message is for people.</summary>
public sealed class PlanUnusableException(string message) : Exception(message);

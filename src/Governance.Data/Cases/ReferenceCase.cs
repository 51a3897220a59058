using System.Text.Json;
using Governance.Core;
using Governance.Data.Csv;

namespace Governance.Data.Cases;

/// <summary>
/// A folder of real data with models of other people's tools and reference scores: <c>case.json</c>, <c>features.json</c>, <c>train.csv</c>,
/// <c>test.csv</c>, <c>scores_test.csv</c>, <c>models/*.onnx</c>. Immutable.
/// </summary>
public sealed record ReferenceCase
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    /// <summary>Order of the models' input columns.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>The predicted label that is good for the person, 0 or 1.</summary>
    public required int FavourablePrediction { get; init; }

    /// <summary>Score at or above which label 1 is predicted.</summary>
    public required double Threshold { get; init; }

    /// <summary>Protected attribute to its reference level.</summary>
    public required IReadOnlyDictionary<string, string> ReferenceGroups { get; init; }

    /// <summary>In the order of the case file.</summary>
    public required IReadOnlyList<ReferenceModel> Models { get; init; }

    /// <summary>Schema of <c>train.csv</c> and <c>test.csv</c>.</summary>
    public required DatasetSchema Schema { get; init; }

    public required string TrainPath { get; init; }

    public required string TestPath { get; init; }

    public required Digest TrainDigest { get; init; }

    public required Digest TestDigest { get; init; }

    public required DataTable Train { get; init; }

    public required DataTable Test { get; init; }

    /// <summary>Model name to one reference score per row of <see cref="Test"/>; models without reference scores are absent.</summary>
    public required IReadOnlyDictionary<string, ReadOnlyMemory<double>> ReferenceScores { get; init; }

    /// <summary><see cref="Test"/> with the reference scores of a model as the column <c>reference_score</c>.</summary>
    /// <exception cref="KeyNotFoundException">There are no reference scores of this model.</exception>
    public DataTable TestWithReference(string model) =>
        ReferenceScores.TryGetValue(model, out var scores)
            ? new DataTable([.. Test.Columns, new Float64Column("reference_score", ColumnRole.ReferenceScore, scores)])
            : throw new KeyNotFoundException($"The case has no reference scores of a model '{model}'; it has {string.Join(", ", ReferenceScores.Keys)}.");

    /// <summary>Reads a case folder.</summary>
    /// <exception cref="InvalidDataException">A file is missing or does not fit the others; the message names it.</exception>
    public static async Task<ReferenceCase> LoadAsync(string folder, CancellationToken cancellationToken)
    {
        using var document = await ParseAsync(Path.Combine(folder, "case.json"), cancellationToken);
        using var featureDocument = await ParseAsync(Path.Combine(folder, "features.json"), cancellationToken);
        try
        {
            return await LoadAsync(folder, document.RootElement, featureDocument.RootElement, cancellationToken);
        }
        catch (Exception fault) when (fault is KeyNotFoundException or InvalidOperationException or FormatException or FileNotFoundException)
        {
            throw new InvalidDataException($"The case {Path.GetFileName(folder)} lacks a file, or case.json or features.json lacks an entry: {fault.Message}", fault);
        }
    }

    private static async Task<ReferenceCase> LoadAsync(string folder, JsonElement root, JsonElement featureRoot, CancellationToken cancellationToken)
    {
        string[] features = [.. featureRoot.GetProperty("features").EnumerateArray().Select(f => f.GetString()!)];
        var groups = root.GetProperty("protected").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal);
        var models = root.GetProperty("models").EnumerateObject().Select(m => Model(folder, m)).ToArray();
        var trainPath = Path.Combine(folder, "train.csv");
        var testPath = Path.Combine(folder, "test.csv");
        ColumnSchema[] used =
        [
            ColumnSchema.SubjectId("row_id"),
            .. features.Select(f => ColumnSchema.Feature(f, MissingPolicy.Keep)),
            .. groups.Keys.Select(g => ColumnSchema.Protected(g)),
            ColumnSchema.Label(root.GetProperty("label_column").GetString()!),
        ];
        var others = (await HeaderAsync(trainPath, cancellationToken)).Except(used.Select(c => c.Name), StringComparer.Ordinal);
        var schema = new DatasetSchema([.. used, .. others.Select(ColumnSchema.Ignored)]);
        var train = await ReadAsync(trainPath, schema, cancellationToken);
        var test = await ReadAsync(testPath, schema, cancellationToken);
        return new ReferenceCase
        {
            Name = root.GetProperty("name").GetString()!,
            Title = root.GetProperty("title").GetString()!,
            Features = features,
            FavourablePrediction = root.GetProperty("favourable_prediction").GetInt32(),
            Threshold = root.GetProperty("threshold").GetDouble(),
            ReferenceGroups = groups,
            Models = models,
            Schema = schema,
            TrainPath = trainPath,
            TestPath = testPath,
            TrainDigest = train.Digest,
            TestDigest = test.Digest,
            Train = train.Table!,
            Test = test.Table!,
            ReferenceScores = await ReferenceScoreFile.ReadAsync(Path.Combine(folder, "scores_test.csv"), test.Table!, models, cancellationToken),
        };
    }

    private static ReferenceModel Model(string folder, JsonProperty model) => new(
        model.Name,
        Path.Combine(folder, model.Value.GetProperty("file").GetString()!),
        model.Value.TryGetProperty("algorithm", out var algorithm) ? algorithm.GetString()! : "");

    /// <summary>Column names of a file of the case; these are plain words without quotes.</summary>
    internal static async Task<string[]> HeaderAsync(string path, CancellationToken cancellationToken) =>
        (await File.ReadLinesAsync(path, cancellationToken).FirstOrDefaultAsync(cancellationToken) ?? "").Split(',');

    private static async Task<CsvOutcome> ReadAsync(string path, DatasetSchema schema, CancellationToken cancellationToken)
    {
        var outcome = await CsvTableReader.ReadFileAsync(path, schema, CsvLimits.Default, cancellationToken);
        return outcome.Succeeded ? outcome : throw new InvalidDataException($"{Path.GetFileName(path)}: {outcome.Faults[0].Message}");
    }

    private static async Task<JsonDocument> ParseAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return JsonDocument.Parse(await File.ReadAllBytesAsync(path, cancellationToken));
        }
        catch (Exception fault) when (fault is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"{Path.GetFileName(path)} is missing or not JSON.", fault);
        }
    }
}

/// <summary>A model of a case. Immutable.</summary>
public sealed record ReferenceModel(string Name, string Path, string Algorithm);

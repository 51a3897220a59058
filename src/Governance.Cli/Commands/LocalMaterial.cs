using Governance.Cli.Shell;
using Governance.Data;

namespace Governance.Cli.Commands;

/// <summary>Data and model files of a run without a gateway. Immutable.</summary>
/// <param name="Name">Of the data, for people.</param>
/// <param name="Features">Order of the model's input columns.</param>
internal sealed record LocalMaterial(
    string Name, string Model, string ModelPath, IReadOnlyList<string> Features, DataTable Evaluation, DataTable? Training, double Threshold, int FavourablePrediction,
    IReadOnlyDictionary<string, string> ReferenceGroups)
{
    /// <summary>Rules that the schema of the data declares.</summary>
    public IReadOnlyDictionary<string, FeatureRule> FeatureRules { get; init; } = new Dictionary<string, FeatureRule>();

    /// <summary>A folder of a reference case.</summary>
    /// <param name="model">Name of a model of the case; null takes the first.</param>
    public static async Task<LocalMaterial> OfCaseAsync(string folder, string? model, CancellationToken cancellationToken)
    {
        var (material, chosen) = await CaseFolder.OpenAsync(folder, model, cancellationToken);
        return new LocalMaterial(
            material.Name, chosen.Name, chosen.Path, material.Features, material.ReferenceScores.ContainsKey(chosen.Name) ? material.TestWithReference(chosen.Name) : material.Test, material.Train,
            material.Threshold, material.FavourablePrediction, material.ReferenceGroups);
    }

    /// <summary>Single files: the columns are those the schema declares, the features in its order.</summary>
    /// <param name="training">Null without training data.</param>
    public static async Task<LocalMaterial> OfFilesAsync(
        string model, string data, string schemaFile, string? training, int favourable, IReadOnlyDictionary<string, string> references, TextReader standardInput, CancellationToken cancellationToken)
    {
        var schema = await InputFiles.ReadJsonAsync<DatasetSchema>(InputFiles.Existing(schemaFile), standardInput, cancellationToken);
        var evaluation = await ReadAsync(data, schema, cancellationToken);
        return new LocalMaterial(
            Path.GetFileName(data), Path.GetFileName(model), InputFiles.Existing(model), [.. schema.FeatureNames()], evaluation,
            training is null ? null : await ReadAsync(training, schema, cancellationToken), 0.5, favourable, references)
        {
            FeatureRules = schema.FeatureRules(),
        };
    }

    private static async Task<DataTable> ReadAsync(string path, DatasetSchema schema, CancellationToken cancellationToken) =>
        (await InputFiles.ReadTableAsync(path, schema, cancellationToken)).Table!;
}

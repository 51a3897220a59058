using Governance.Checks;
using Governance.Cli.Shell;
using Governance.Core;
using Governance.Data;
using Governance.Data.Csv;
using Governance.Jobs;
using Governance.Jobs.Plans;

namespace Governance.Cli.Commands;

/// <summary>Makes a plan of a reference case, and puts what it names into a folder by digest. Immutable.</summary>
/// <param name="Model">Of the case; null takes its first.</param>
internal sealed record CasePlan(string Folder, string? Model, IReadOnlyList<ICheck> Checks, long Seed)
{
    private const string ReferenceScore = "reference_score";

    /// <summary>File of the model in use now; null without one.</summary>
    public string? Champion { get; init; }

    /// <summary>File of the model this one follows; null without one.</summary>
    public string? Previous { get; init; }

    /// <summary>Files of other considered models, by name.</summary>
    public IReadOnlyDictionary<string, string> Alternatives { get; init; } = new Dictionary<string, string>();

    /// <summary>JSON file of rules by feature; null without one.</summary>
    public string? Features { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Parameters { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, double>>();

    /// <summary>CSV files of rows that follow the case's test data, each a part of its own; their columns are those the schema declares.</summary>
    public IReadOnlyList<string> Append { get; init; } = [];

    /// <returns>The plan without stages.</returns>
    /// <exception cref="CliException">The case or a file cannot be used.</exception>
    public async Task<CheckPlan> DraftAsync(string artifacts, CancellationToken cancellationToken)
    {
        var (material, chosen) = await CaseFolder.OpenAsync(Folder, Model, cancellationToken);
        var scored = material.ReferenceScores.ContainsKey(chosen.Name);
        var evaluation = scored ? material.TestWithReference(chosen.Name) : material.Test;
        var schema = scored ? new DatasetSchema([.. material.Schema.Columns, ColumnSchema.ReferenceScore(ReferenceScore)]) : material.Schema;
        async Task<PlannedModel> OtherAsync(string path) => new(Put(artifacts, await File.ReadAllBytesAsync(InputFiles.Existing(path), cancellationToken)), material.Features);
        var alternatives = new List<PlannedAlternative>();
        foreach (var (name, path) in Alternatives.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            alternatives.Add(new PlannedAlternative(name, await OtherAsync(path)));
        }

        return new CheckPlan
        {
            Code = Provenance.CodeDigest,
            Model = new PlannedModel(Put(artifacts, await File.ReadAllBytesAsync(chosen.Path, cancellationToken)), material.Features),
            Evaluation = Put(artifacts, [evaluation, .. await AppendedAsync(Append, schema, cancellationToken)], schema, scored ? ReferenceScore : null),
            Training = Put(artifacts, [material.Train], material.Schema, null),
            Threshold = material.Threshold,
            FavourablePrediction = material.FavourablePrediction,
            ReferenceGroups = [.. material.ReferenceGroups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new ReferenceGroup(g.Key, g.Value))],
            Champion = Champion is null ? null : await OtherAsync(Champion),
            Previous = Previous is null ? null : await OtherAsync(Previous),
            Alternatives = alternatives.Count > 0 ? alternatives : null,
            FeatureRules = Features is null ? null : Put(artifacts, (await RunInputs.RulesAsync(Features, material.Features, cancellationToken)).Bytes),
            Seed = Seed,
            Checks = [.. Checks.Select(Planned)],
            Stages = [],
            Resources = new ShardResources(),
        };
    }

    private PlannedCheck Planned(ICheck check) => new(check.Descriptor.Id, check.Descriptor.Version,
        Parameters.TryGetValue(check.Descriptor.Id, out var given) ? [.. given.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => new PlannedParameter(p.Key, p.Value))] : []);

    private static PlannedData Put(string artifacts, IReadOnlyList<DataTable> parts, DatasetSchema schema, string? referenceScore) => new(
        [.. parts.Select(t => new PlannedPart(Put(artifacts, CsvTableWriter.Write(t)), t.RowCount))],
        Put(artifacts, GovernanceJson.Serialize(schema)), referenceScore, PlannedData.LevelsOf(TableConcat.Of(parts)));

    private static async Task<IReadOnlyList<DataTable>> AppendedAsync(IReadOnlyList<string> paths, DatasetSchema schema, CancellationToken cancellationToken)
    {
        var tables = new List<DataTable>();
        foreach (var path in paths)
        {
            var outcome = await CsvTableReader.ReadFileAsync(InputFiles.Existing(path), schema, CsvLimits.Default, cancellationToken);
            tables.Add(outcome.Table ?? throw CliException.Invalid($"{path} does not fit the schema of the case's test data."));
        }

        return tables;
    }

    private static Digest Put(string artifacts, byte[] content)
    {
        var digest = Digest.Of(content);
        var path = ArtifactPath.Of(artifacts, digest);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path + ".tmp", content);
            File.Move(path + ".tmp", path, overwrite: true);
        }

        return digest;
    }
}

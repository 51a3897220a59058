using Governance.Checks;
using Governance.Cli.Shell;
using Governance.Core;
using Governance.Data;
using Governance.Data.Csv;
using Governance.Jobs;
using Governance.Jobs.Plans;

namespace Governance.Cli.Commands;

/// <summary>Makes a plan of a reference case, and puts what it names into a folder by digest.</summary>
internal static class CasePlan
{
    private const string ReferenceScore = "reference_score";

    /// <param name="append">CSV files of rows that follow the case's test data, each a part of its own; their columns are those the schema declares.</param>
    /// <returns>The plan without stages.</returns>
    /// <exception cref="CliException">The case or the model cannot be used.</exception>
    public static async Task<CheckPlan> DraftAsync(
        string folder, string? model, IReadOnlyList<ICheck> checks, IReadOnlyList<string> append, long seed, string artifacts, CancellationToken cancellationToken)
    {
        var (material, chosen) = await CaseFolder.OpenAsync(folder, model, cancellationToken);
        var scored = material.ReferenceScores.ContainsKey(chosen.Name);
        var evaluation = scored ? material.TestWithReference(chosen.Name) : material.Test;
        var schema = scored ? new DatasetSchema([.. material.Schema.Columns, ColumnSchema.ReferenceScore(ReferenceScore)]) : material.Schema;
        return new CheckPlan
        {
            Code = Provenance.CodeDigest,
            Model = new PlannedModel(Put(artifacts, await File.ReadAllBytesAsync(chosen.Path, cancellationToken)), material.Features),
            Evaluation = Put(artifacts, [evaluation, .. await AppendedAsync(append, schema, cancellationToken)], schema, scored ? ReferenceScore : null),
            Training = Put(artifacts, [material.Train], material.Schema, null),
            Threshold = material.Threshold,
            FavourablePrediction = material.FavourablePrediction,
            ReferenceGroups = [.. material.ReferenceGroups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new ReferenceGroup(g.Key, g.Value))],
            Seed = seed,
            Checks = [.. checks.Select(c => new PlannedCheck(c.Descriptor.Id, c.Descriptor.Version, []))],
            Stages = [],
            Resources = new ShardResources(),
        };
    }

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

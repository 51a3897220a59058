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

    /// <returns>The plan without stages.</returns>
    /// <exception cref="CliException">The case or the model cannot be used.</exception>
    public static async Task<CheckPlan> DraftAsync(
        string folder, string? model, IReadOnlyList<ICheck> checks, long seed, string artifacts, CancellationToken cancellationToken)
    {
        var (material, chosen) = await CaseFolder.OpenAsync(folder, model, cancellationToken);
        var scored = material.ReferenceScores.ContainsKey(chosen.Name);
        var evaluation = scored ? material.TestWithReference(chosen.Name) : material.Test;
        var schema = scored ? new DatasetSchema([.. material.Schema.Columns, ColumnSchema.ReferenceScore(ReferenceScore)]) : material.Schema;
        return new CheckPlan
        {
            Code = Provenance.CodeDigest,
            Model = new PlannedModel(Put(artifacts, await File.ReadAllBytesAsync(chosen.Path, cancellationToken)), material.Features),
            Evaluation = Put(artifacts, evaluation, schema, scored ? ReferenceScore : null),
            Training = Put(artifacts, material.Train, material.Schema, null),
            Threshold = material.Threshold,
            FavourablePrediction = material.FavourablePrediction,
            ReferenceGroups = [.. material.ReferenceGroups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new ReferenceGroup(g.Key, g.Value))],
            Seed = seed,
            Checks = [.. checks.Select(c => new PlannedCheck(c.Descriptor.Id, c.Descriptor.Version, []))],
            Stages = [],
            Resources = new ShardResources(),
        };
    }

    private static PlannedData Put(string artifacts, DataTable table, DatasetSchema schema, string? referenceScore) =>
        new(Put(artifacts, CsvTableWriter.Write(table)), Put(artifacts, GovernanceJson.Serialize(schema)), table.RowCount, referenceScore);

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

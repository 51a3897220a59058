using System.Text.Json;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Inventory;
using Governance.Data;
using Governance.Data.Csv;
using Governance.Jobs.Plans;
using Governance.Storage;

namespace Governance.Gateway.Intake;

/// <summary>Reads an uploaded CSV by its declared schema, or by that of the dataset it adds rows to, and says what would be registered, or everything that is wrong.</summary>
public sealed class DatasetIntake(ArtifactStore artifacts, DatasetReader datasets)
{
    public abstract record Outcome
    {
        private Outcome()
        {
        }

        public sealed record Read(DatasetRegistration Registration) : Outcome;

        public sealed record Refused(IReadOnlyList<string> Faults) : Outcome;
    }

    public async Task<Outcome> ReadAsync(RegisterDatasetRequest request, Digest file, CancellationToken cancellationToken)
    {
        DatasetSchema schema;
        try
        {
            schema = request.Schema.Deserialize<DatasetSchema>(GovernanceJson.Options)!;
        }
        catch (JsonException e)
        {
            return new Outcome.Refused([$"schema: not a list of columns with name, role and type, at {e.Path}."]);
        }

        if (schema.Columns.Any(c => c is null))
        {
            return new Outcome.Refused(["schema: every column has a name, a role and a type; one is null."]);
        }

        var (outcome, refused) = await ReadAsync(file, schema, cancellationToken);
        if (outcome.Table is not { } table)
        {
            return refused!;
        }

        var protectedColumns = table.WithRole(ColumnRole.Protected).OfType<CategoryColumn>().ToList();
        var references = References(request, protectedColumns).ToList();
        return references.Count > 0
            ? new Outcome.Refused(references)
            : new Outcome.Read(new DatasetRegistration
            {
                Id = request.Id,
                Name = request.Name,
                Use = request.Use,
                Digest = outcome.Digest,
                SchemaDigest = await artifacts.PutAsync(GovernanceJson.Serialize(schema), cancellationToken),
                Rows = table.RowCount,
                Features = [.. table.WithRole(ColumnRole.Feature).Select(c => c.Name)],
                Label = table.WithRole(ColumnRole.Label).Single().Name,
                Protected = protectedColumns.ToDictionary(c => c.Name, c => request.ReferenceGroups[c.Name], StringComparer.Ordinal),
                SubjectId = table.WithRole(ColumnRole.SubjectId).FirstOrDefault()?.Name,
                LegalBasis = request.LegalBasis,
                RetentionMonths = request.RetentionMonths,
                Origin = request.Origin,
                Levels = PlannedData.LevelsOf(table),
            });
    }

    /// <summary>The dataset that has the rows of a registered one and those of the file.</summary>
    /// <exception cref="DatasetUnreadableException">The registered dataset cannot be read any more.</exception>
    public async Task<Outcome> AppendAsync(DatasetRegistration dataset, AppendToDatasetRequest request, Digest file, CancellationToken cancellationToken)
    {
        var (outcome, refused) = await ReadAsync(file, datasets.Schema(dataset), cancellationToken);
        if (outcome.Table is not { } added)
        {
            return refused!;
        }

        var before = await datasets.ReadAsync(dataset, cancellationToken);
        var faults = AppendFaults(dataset, before, added).ToList();
        if (faults.Count > 0)
        {
            return new Outcome.Refused(faults);
        }

        DatasetPart[] parts = [.. dataset.Files(), new DatasetPart(outcome.Digest, added.RowCount)];
        return new Outcome.Read(dataset with
        {
            Id = request.Id,
            Name = request.Name ?? dataset.Name,
            Digest = await artifacts.PutAsync(DatasetRegistration.ManifestOf(parts), cancellationToken),
            Parts = parts,
            Rows = dataset.Rows + added.RowCount,
            Origin = new DatasetOrigin([dataset.Digest], $"rows appended: {added.RowCount}, file {outcome.Digest}"),
            Levels = PlannedData.LevelsOf(TableConcat.Of([before, added])),
        });
    }

    private static IEnumerable<string> AppendFaults(DatasetRegistration dataset, DataTable before, DataTable added)
    {
        if (added.RowCount == 0)
        {
            yield return "file: it has no rows.";
        }

        if ((long)before.RowCount + added.RowCount > CsvLimits.Default.Rows)
        {
            yield return $"file: the dataset would have more than {CsvLimits.Default.Rows} rows.";
        }

        if (dataset.SubjectId is { } id)
        {
            var known = ((TextColumn)before[id]).Values.ToHashSet(StringComparer.Ordinal);
            var repeats = ((TextColumn)added[id]).Values.Index().Where(v => known.Contains(v.Item)).Select(v => v.Index + 1).ToList();
            if (repeats.Count > 0)
            {
                // Never the ids themselves.
                yield return $"The subject ids in column '{id}' must differ, but {repeats.Count} are in the dataset already: row {string.Join(", ", repeats.Take(5))}{(repeats.Count > 5 ? ", …" : "")} of the file.";
            }
        }
    }

    private async Task<(CsvOutcome Outcome, Outcome.Refused? Refused)> ReadAsync(Digest file, DatasetSchema schema, CancellationToken cancellationToken)
    {
        var outcome = await CsvTableReader.ReadFileAsync(artifacts.Locate(file), schema, CsvLimits.Default, cancellationToken);
        if (outcome.Table is not null)
        {
            return (outcome, null);
        }

        var faults = outcome.Faults.Select(f => f.Line is { } line ? $"line {line}: {f.Message}" : f.Message).ToList();
        return (outcome, new Outcome.Refused(outcome.MoreFaults ? [.. faults, "Reading stopped here; there may be more."] : faults));
    }

    private static IEnumerable<string> References(RegisterDatasetRequest request, List<CategoryColumn> protectedColumns)
    {
        foreach (var column in protectedColumns)
        {
            if (!request.ReferenceGroups.TryGetValue(column.Name, out var group))
            {
                yield return $"referenceGroups: name the reference group of the protected attribute '{column.Name}'.";
            }
            else if (!column.Levels.Contains(group, StringComparer.Ordinal))
            {
                yield return $"referenceGroups: '{column.Name}' has no group '{group}' in this file; it has {string.Join(", ", column.Levels.Take(10))}.";
            }
        }

        foreach (var unknown in request.ReferenceGroups.Keys.Except(protectedColumns.Select(c => c.Name), StringComparer.Ordinal).Take(5))
        {
            yield return $"referenceGroups: '{unknown}' is not a protected column of the schema.";
        }
    }
}

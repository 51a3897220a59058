using System.Text.Json;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Inventory;
using Governance.Data;
using Governance.Data.Csv;
using Governance.Storage;

namespace Governance.Gateway.Intake;

/// <summary>Reads an uploaded CSV by its declared schema and says what would be registered, or everything that is wrong.</summary>
public sealed class DatasetIntake(ArtifactStore artifacts)
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

        var outcome = await CsvTableReader.ReadFileAsync(artifacts.Locate(file), schema, CsvLimits.Default, cancellationToken);
        if (outcome.Table is not { } table)
        {
            var faults = outcome.Faults.Select(f => f.Line is { } line ? $"line {line}: {f.Message}" : f.Message).ToList();
            return new Outcome.Refused(outcome.MoreFaults ? [.. faults, "Reading stopped here; there may be more."] : faults);
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
            });
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

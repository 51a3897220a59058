using System.Text.Json;
using Governance.Core;
using Governance.Core.Inventory;
using Governance.Data;
using Governance.Data.Csv;
using Governance.Storage;

namespace Governance.Gateway.Intake;

/// <summary>Reads registered datasets back: files and schema by digest.</summary>
public sealed class DatasetReader(ArtifactStore artifacts)
{
    /// <exception cref="DatasetUnreadableException">File or schema is missing, altered or cannot be read.</exception>
    public async Task<DataTable> ReadAsync(DatasetRegistration dataset, CancellationToken cancellationToken)
    {
        var schema = Schema(dataset);
        var parts = new List<DataTable>();
        foreach (var part in dataset.Files())
        {
            parts.Add(await ReadAsync(dataset.Id, part.File, schema, cancellationToken));
        }

        return TableConcat.Of(parts);
    }

    /// <exception cref="DatasetUnreadableException">The schema is missing, altered or not one that this build reads.</exception>
    public DatasetSchema Schema(DatasetRegistration dataset)
    {
        try
        {
            return GovernanceJson.Deserialize<DatasetSchema>(artifacts.Read(dataset.SchemaDigest) ?? throw new DatasetUnreadableException(dataset.Id));
        }
        catch (JsonException e)
        {
            throw new DatasetUnreadableException(dataset.Id, e);
        }
    }

    private async Task<DataTable> ReadAsync(string id, Digest file, DatasetSchema schema, CancellationToken cancellationToken)
    {
        if (!artifacts.Contains(file))
        {
            throw new DatasetUnreadableException(id);
        }

        try
        {
            var outcome = await CsvTableReader.ReadFileAsync(artifacts.Locate(file), schema, CsvLimits.Default, cancellationToken);
            return outcome.Table is { } table && outcome.Digest == file ? table : throw new DatasetUnreadableException(id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetUnreadableException(id, e);
        }
    }
}

/// <summary>A registered dataset cannot be read as it was registered.</summary>
public sealed class DatasetUnreadableException(string id, Exception? cause = null)
    : Exception($"A file or the schema of dataset '{id}' is missing, was altered or cannot be read; restore it, or register the data again.", cause);

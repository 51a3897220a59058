using System.Text.Json;
using Governance.Core;
using Governance.Core.Inventory;
using Governance.Data;
using Governance.Data.Csv;
using Governance.Storage;

namespace Governance.Gateway.Intake;

/// <summary>Reads registered datasets back: file and schema by digest.</summary>
public sealed class DatasetReader(ArtifactStore artifacts)
{
    /// <exception cref="DatasetUnreadableException">File or schema is missing, altered or cannot be read.</exception>
    public async Task<DataTable> ReadAsync(DatasetRegistration dataset, CancellationToken cancellationToken)
    {
        var schema = Schema(dataset);
        if (!artifacts.Contains(dataset.Digest))
        {
            throw new DatasetUnreadableException(dataset.Id);
        }

        try
        {
            var outcome = await CsvTableReader.ReadFileAsync(artifacts.Locate(dataset.Digest), schema, CsvLimits.Default, cancellationToken);
            return outcome.Table is { } table && outcome.Digest == dataset.Digest ? table : throw new DatasetUnreadableException(dataset.Id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetUnreadableException(dataset.Id, e);
        }
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
}

/// <summary>A registered dataset cannot be read as it was registered.</summary>
public sealed class DatasetUnreadableException(string id, Exception? cause = null)
    : Exception($"The file or the schema of dataset '{id}' is missing, was altered or cannot be read; restore it, or register the data again.", cause);

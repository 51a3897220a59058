using Governance.Core;
using Governance.Core.Inventory;
using Governance.Data;
using Governance.Data.Csv;
using Governance.Storage;

namespace Governance.Gateway.Intake;

/// <summary>Reads registered datasets back: file and schema by digest.</summary>
public sealed class DatasetReader(ArtifactStore artifacts)
{
    /// <exception cref="DatasetUnreadableException">File or schema is missing or altered.</exception>
    public async Task<DataTable> ReadAsync(DatasetRegistration dataset, CancellationToken cancellationToken)
    {
        if (artifacts.Read(dataset.SchemaDigest) is not { } schema || !artifacts.Contains(dataset.Digest))
        {
            throw new DatasetUnreadableException(dataset.Id);
        }

        var outcome = await CsvTableReader.ReadFileAsync(
            artifacts.Locate(dataset.Digest), GovernanceJson.Deserialize<DatasetSchema>(schema), CsvLimits.Default, cancellationToken);
        return outcome.Table is { } table && outcome.Digest == dataset.Digest ? table : throw new DatasetUnreadableException(dataset.Id);
    }
}

/// <summary>A registered dataset cannot be read as it was registered.</summary>
public sealed class DatasetUnreadableException(string id)
    : Exception($"The file of dataset '{id}' is missing or was altered; restore it, or register the data again.");

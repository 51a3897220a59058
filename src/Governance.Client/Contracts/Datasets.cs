using System.Text.Json.Nodes;
using Governance.Core.Inventory;

namespace Governance.Client.Contracts;

/// <summary>The <c>metadata</c> part of a dataset upload; the CSV is the part <c>file</c>.</summary>
public sealed record RegisterDatasetRequest
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required DatasetUse Use { get; init; }

    /// <summary>Column roles: the JSON form of <c>Governance.Data.DatasetSchema</c>.</summary>
    public required JsonObject Schema { get; init; }

    /// <summary>Reference group of each protected attribute.</summary>
    public IReadOnlyDictionary<string, string> ReferenceGroups { get; init; } = new Dictionary<string, string>();

    public required string LegalBasis { get; init; }

    public required int RetentionMonths { get; init; }
}

public sealed record DatasetDetails(DatasetRegistration Registration);

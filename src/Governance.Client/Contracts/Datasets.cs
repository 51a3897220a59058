using System.Text.Json.Nodes;
using Governance.Core.Inventory;
using Governance.Core.State;

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

    /// <summary>What it was made from, and how; null when it is a source.</summary>
    public DatasetOrigin? Origin { get; init; }
}

/// <summary>The <c>metadata</c> part of an upload of further rows to a registered dataset; the CSV is the part <c>file</c>.</summary>
public sealed record AppendToDatasetRequest
{
    /// <summary>Of the new dataset: the rows of the old one, then those of the file. All else is the old one's.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people; null for the old one's.</summary>
    public string? Name { get; init; }
}

/// <summary>A dataset and what it was made from, nearest first, each once.</summary>
public sealed record DatasetLineageDetails(IReadOnlyList<LineageStep> Steps);

public sealed record DatasetDetails(DatasetRegistration Registration);

namespace Governance.Serving.Recording;

/// <summary>What the inference log keeps of a request that was read and allowed, and to which there was no answer. Nothing personal. Immutable; its JSON is the log entry.</summary>
public sealed record FailureEntry
{
    public const string EntryType = "inference-failed.v1";

    public string Type { get; init; } = EntryType;

    /// <summary>UTC, truncated to the second.</summary>
    public required DateTimeOffset Time { get; init; }

    public required string Route { get; init; }

    public required int Version { get; init; }

    /// <summary>The bank application that asked.</summary>
    public required string Client { get; init; }

    /// <summary>Position, in the governance log, of the promotion by which this version would have answered.</summary>
    public required long Promotion { get; init; }

    /// <summary>The problem code the caller saw.</summary>
    public required string Code { get; init; }

    /// <summary>Rows the request had.</summary>
    public required int Rows { get; init; }
}

namespace Governance.Data.Csv;

/// <summary>Bounds of what is read. Immutable.</summary>
public sealed record CsvLimits
{
    public static CsvLimits Default { get; } = new();

    /// <summary>Largest file in bytes. Default 4 GiB.</summary>
    public long Bytes { get; init; } = 4L << 30;

    /// <summary>Most rows after the header. Default 20 million.</summary>
    public int Rows { get; init; } = 20_000_000;

    /// <summary>Most columns. Default 10,000.</summary>
    public int Columns { get; init; } = 10_000;

    /// <summary>Longest record in bytes, line breaks in quoted fields included. Default 1 MiB.</summary>
    public int RecordBytes { get; init; } = 1 << 20;

    /// <summary>Most distinct words of a category. Default 1,000.</summary>
    public int Levels { get; init; } = 1_000;

    /// <summary>Faults reported before reading stops. Default 100.</summary>
    public int Faults { get; init; } = 100;
}

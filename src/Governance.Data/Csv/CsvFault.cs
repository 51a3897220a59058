namespace Governance.Data.Csv;

public enum CsvFaultKind
{
    /// <summary>The declared schema is itself at fault.</summary>
    Schema,

    /// <summary>Bytes that are not text in the encoding of the file.</summary>
    Encoding,

    /// <summary>A quote where RFC 4180 has none, a missing one, or a bare carriage return.</summary>
    Quoting,

    /// <summary>A record with more or fewer fields than the header.</summary>
    FieldCount,

    /// <summary>A declared column that the file lacks.</summary>
    MissingColumn,

    /// <summary>A column of the file that is not declared.</summary>
    UnknownColumn,

    /// <summary>A name that stands twice in the header.</summary>
    RepeatedColumn,

    /// <summary>A cell that is not what its column holds.</summary>
    Value,

    /// <summary>An empty cell where values may not be missing.</summary>
    MissingValue,

    /// <summary>A subject id that stands on several lines.</summary>
    DuplicateSubject,

    /// <summary>The file passes a bound of <see cref="CsvLimits"/>.</summary>
    Limit,

    /// <summary>No header or no rows.</summary>
    Empty,
}

/// <summary>One reason to refuse a file. Immutable.</summary>
/// <param name="Line">1-based line of the file where the record begins, or null when the fault is not of one line.</param>
/// <param name="Column">Declared column, or null.</param>
/// <param name="Message">A sentence that says what to change. It never contains a cell of the file.</param>
public sealed record CsvFault(CsvFaultKind Kind, long? Line, string? Column, string Message);

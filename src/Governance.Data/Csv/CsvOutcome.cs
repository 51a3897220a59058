using System.Diagnostics.CodeAnalysis;
using Governance.Core;

namespace Governance.Data.Csv;

/// <summary>A table, or every reason why there is none. Immutable.</summary>
public sealed record CsvOutcome
{
    /// <summary>Present exactly when <see cref="Faults"/> is empty.</summary>
    public DataTable? Table { get; init; }

    /// <summary>SHA-256 of the file's bytes: the dataset's name. Empty when the file was refused before its end.</summary>
    public Digest Digest { get; init; }

    /// <summary>Bytes read.</summary>
    public long Bytes { get; init; }

    /// <summary>In order of finding, at most <see cref="CsvLimits.Faults"/>.</summary>
    public IReadOnlyList<CsvFault> Faults { get; init; } = [];

    /// <summary>Reading stopped at the limit of faults; there may be more.</summary>
    public bool MoreFaults { get; init; }

    [MemberNotNullWhen(true, nameof(Table))]
    public bool Succeeded => Table is not null;
}

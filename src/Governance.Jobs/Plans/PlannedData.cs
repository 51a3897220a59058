using System.Text.Json.Serialization;
using Governance.Core;
using Governance.Data;

namespace Governance.Jobs.Plans;

/// <summary>
/// A table by digest: CSV files of one schema, read one after another. Rows that are added later are a further part; the parts before it, and the
/// states computed from them, stay what they are. Immutable.
/// </summary>
/// <param name="Parts">In order; one or more.</param>
/// <param name="Schema">The JSON of its <see cref="DatasetSchema"/>.</param>
/// <param name="ReferenceScore">The column of the model's scores by another tool; null when there is none.</param>
/// <param name="Levels">
/// <see cref="LevelsOf"/> of the whole table, which decides whether states of single parts may be used again; null when who made the plan did not
/// read the table, and then no state outlives a change of the data.
/// </param>
public sealed record PlannedData(IReadOnlyList<PlannedPart> Parts, Digest Schema, string? ReferenceScore = null, Digest? Levels = null)
{
    /// <summary>Of all parts.</summary>
    [JsonIgnore]
    public int Rows => Parts.Sum(p => p.Rows);

    /// <summary>A table of one file.</summary>
    public static PlannedData OfFile(Digest file, Digest schema, int rows, string? referenceScore = null, Digest? levels = null) =>
        new([new PlannedPart(file, rows)], schema, referenceScore, levels);

    /// <summary>Digest of the categories' levels, by column: states count by a level's number, which a new level shifts.</summary>
    public static Digest LevelsOf(DataTable table) =>
        Digest.Of(GovernanceJson.Serialize(table.Columns.OfType<CategoryColumn>().OrderBy(c => c.Name, StringComparer.Ordinal).Select(c => new { c.Name, c.Levels }).ToList()));

    /// <summary>The parts that some rows lie in, each with its first row.</summary>
    internal IEnumerable<(int Start, PlannedPart Part)> PartsOf(int start, int count)
    {
        var first = 0;
        foreach (var part in Parts)
        {
            if (first < start + count && first + part.Rows > start)
            {
                yield return (first, part);
            }

            first += part.Rows;
        }
    }
}

/// <param name="File">A CSV file.</param>
public sealed record PlannedPart(Digest File, int Rows);

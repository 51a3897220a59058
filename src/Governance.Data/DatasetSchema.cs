using Governance.Data.Csv;

namespace Governance.Data;

/// <summary>How the cells of a column are read and held.</summary>
public enum ColumnType
{
    /// <summary>A finite decimal number, held as float32: what models take.</summary>
    Number32,

    /// <summary>A finite decimal number, held as float64.</summary>
    Number64,

    /// <summary>A word from a small set.</summary>
    Category,

    /// <summary>Free text.</summary>
    Text,
}

/// <summary>What an empty cell means.</summary>
public enum MissingPolicy
{
    /// <summary>The dataset is refused, naming the line.</summary>
    Refuse,

    /// <summary>The value is missing: NaN, code -1 or the empty string.</summary>
    Keep,
}

/// <summary>One declared column. Immutable.</summary>
/// <param name="Name">As in the header, 1 to 200 characters.</param>
public sealed record ColumnSchema(string Name, ColumnRole Role, ColumnType Type, MissingPolicy Missing = MissingPolicy.Refuse)
{
    /// <summary>What people know of a feature; null when nothing is declared.</summary>
    public FeatureRule? Rule { get; init; }

    public static ColumnSchema Feature(string name, MissingPolicy missing = MissingPolicy.Refuse) => new(name, ColumnRole.Feature, ColumnType.Number32, missing);

    public static ColumnSchema Label(string name) => new(name, ColumnRole.Label, ColumnType.Number64);

    public static ColumnSchema Protected(string name, MissingPolicy missing = MissingPolicy.Refuse) => new(name, ColumnRole.Protected, ColumnType.Category, missing);

    /// <param name="attribute">The attribute that is inferred.</param>
    /// <param name="level">The group whose probability the column holds.</param>
    public static ColumnSchema GroupProbability(string attribute, string level) => new($"{attribute}={level}", ColumnRole.GroupProbability, ColumnType.Number64, MissingPolicy.Keep);

    public static ColumnSchema SubjectId(string name) => new(name, ColumnRole.SubjectId, ColumnType.Text);

    public static ColumnSchema ReferenceScore(string name) => new(name, ColumnRole.ReferenceScore, ColumnType.Number64);

    public static ColumnSchema Weight(string name) => new(name, ColumnRole.Weight, ColumnType.Number64);

    public static ColumnSchema Ignored(string name) => new(name, ColumnRole.Ignored, ColumnType.Text, MissingPolicy.Keep);
}

/// <summary>The declared columns of a dataset, in the order a table holds them. A file has exactly these, in any order. Immutable; its JSON form is what registration takes.</summary>
public sealed record DatasetSchema(IReadOnlyList<ColumnSchema> Columns)
{
    private const int MaxNameLength = 200;
    private const int MaxColumns = 10_000;

    /// <summary>How the file's bytes stand for text; null for UTF-8, or UTF-16 when the file begins so.</summary>
    public TextEncoding? Encoding { get; init; }

    /// <summary>Names of the features, in order.</summary>
    public IEnumerable<string> FeatureNames() => Columns.Where(c => c.Role is ColumnRole.Feature).Select(c => c.Name);

    /// <summary>Rules of the features that have one.</summary>
    public IReadOnlyDictionary<string, FeatureRule> FeatureRules() => Columns.Where(c => c.Rule is not null).ToDictionary(c => c.Name, c => c.Rule!, StringComparer.Ordinal);

    /// <summary>Every fault of the declaration itself, as sentences; empty when it can be used.</summary>
    public IReadOnlyList<string> Validate() =>
        Columns.Count is 0 or > MaxColumns
            ? [$"A dataset has 1 to {MaxColumns} columns; {Columns.Count} are declared."]
            : [.. Names(), .. Counts(), .. Columns.Select(TypeFault).OfType<string>()];

    private IEnumerable<string> Names()
    {
        foreach (var column in Columns.Where(c => c.Name.Length is 0 or > MaxNameLength))
        {
            yield return $"A column name has 1 to {MaxNameLength} characters; one has {column.Name.Length}.";
        }

        foreach (var repeated in Columns.GroupBy(c => c.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            yield return $"The column '{repeated.Key}' is declared {repeated.Count()} times.";
        }
    }

    private IEnumerable<string> Counts()
    {
        var labels = Columns.Count(c => c.Role is ColumnRole.Label);
        if (labels != 1)
        {
            yield return $"Declare exactly one column with the role label; {labels} are declared.";
        }

        foreach (var role in new[] { ColumnRole.SubjectId, ColumnRole.Weight })
        {
            if (Columns.Count(c => c.Role == role) is > 1 and var count)
            {
                yield return $"At most one column has the role {Word(role)}; {count} are declared.";
            }
        }
    }

    private static string? TypeFault(ColumnSchema column)
    {
        var required = column.Role switch
        {
            ColumnRole.Feature => ColumnType.Number32,
            ColumnRole.Label or ColumnRole.ReferenceScore or ColumnRole.Weight or ColumnRole.GroupProbability => ColumnType.Number64,
            ColumnRole.Protected => ColumnType.Category,
            ColumnRole.SubjectId => ColumnType.Text,
            _ => column.Type,
        };
        if (column.Type != required)
        {
            return $"The column '{column.Name}' has the role {Word(column.Role)} and so the type {Word(required)}, not {Word(column.Type)}.";
        }

        if (column.Role is ColumnRole.GroupProbability && column.Name.Split('=') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            return $"The column '{column.Name}' holds the probability of a group and is named after it: attribute=level.";
        }

        if (column.Rule is { } rule && (column.Role is not ColumnRole.Feature ? "has a rule, which only features have." : rule.Fault()) is { } fault)
        {
            return $"The column '{column.Name}' {fault}";
        }

        var mayMiss = column.Role is ColumnRole.Feature or ColumnRole.Protected or ColumnRole.GroupProbability or ColumnRole.Ignored;
        return column.Missing is MissingPolicy.Keep && !mayMiss
            ? $"The column '{column.Name}' has the role {Word(column.Role)}; its values may not be missing."
            : null;
    }

    private static string Word(Enum value) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}

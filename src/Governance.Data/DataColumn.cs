namespace Governance.Data;

/// <summary>What a column is for. Roles are declared when the dataset is registered, never guessed from names.</summary>
public enum ColumnRole
{
    /// <summary>Input of the model, in the order of its signature.</summary>
    Feature,

    /// <summary>Observed outcome, 0 or 1.</summary>
    Label,

    /// <summary>Protected attribute: never a model input; used to measure fairness only.</summary>
    Protected,

    /// <summary>Probability that the person belongs to a group, in [0, 1]; named <c>attribute=level</c>. For attributes that are inferred, such as by surname and place.</summary>
    GroupProbability,

    /// <summary>Identifies the data subject of the row; unique per dataset.</summary>
    SubjectId,

    /// <summary>Score of another implementation of the model, for conversion parity.</summary>
    ReferenceScore,

    /// <summary>Sample weight, positive.</summary>
    Weight,

    /// <summary>Kept, read by no check.</summary>
    Ignored,
}

/// <summary>One column. Immutable and thread-safe.</summary>
public abstract class DataColumn(string name, ColumnRole role)
{
    public string Name { get; } = name;

    public ColumnRole Role { get; } = role;

    public abstract int Length { get; }
}

/// <summary>float32 values as the model sees them; missing is NaN.</summary>
public sealed class Float32Column(string name, ColumnRole role, ReadOnlyMemory<float> values) : DataColumn(name, role)
{
    public ReadOnlyMemory<float> Values { get; } = values;

    public override int Length => Values.Length;
}

/// <summary>float64 values (scores, weights, outcomes); missing is NaN.</summary>
public sealed class Float64Column(string name, ColumnRole role, ReadOnlyMemory<double> values) : DataColumn(name, role)
{
    public ReadOnlyMemory<double> Values { get; } = values;

    public override int Length => Values.Length;
}

/// <summary>Words from a small set, coded by their position in <see cref="Levels"/>; missing is code -1.</summary>
public sealed class CategoryColumn(string name, ColumnRole role, ReadOnlyMemory<int> codes, IReadOnlyList<string> levels) : DataColumn(name, role)
{
    public ReadOnlyMemory<int> Codes { get; } = codes;

    /// <summary>Distinct words in ordinal order, so that equal data gives equal codes.</summary>
    public IReadOnlyList<string> Levels { get; } = levels;

    public override int Length => Codes.Length;
}

/// <summary>Free text such as identifiers; missing is the empty string.</summary>
public sealed class TextColumn(string name, ColumnRole role, IReadOnlyList<string> values) : DataColumn(name, role)
{
    public IReadOnlyList<string> Values { get; } = values;

    public override int Length => Values.Count;
}

namespace Governance.Models.Structure;

/// <summary>What a step does to one float32.</summary>
public enum ColumnOperation
{
    /// <summary>NaN, or a value equal to A when A is not NaN, becomes B.</summary>
    Impute,

    /// <summary>(x − A) · B in float32.</summary>
    Scale,

    /// <summary>x + A in float32.</summary>
    Add,

    /// <summary>x · A in float32.</summary>
    Multiply,

    /// <summary>x / A in float32.</summary>
    Divide,

    /// <summary>Towards zero to a whole number.</summary>
    Truncate,

    /// <summary>1 when x equals A, else 0.</summary>
    Equals,

    /// <summary>1 when x is above A, else 0.</summary>
    Above,
}

/// <summary>One elementwise step. Immutable.</summary>
public readonly record struct ColumnStep(ColumnOperation Operation, float A, float B = 0)
{
    public float Apply(float x) => Operation switch
    {
        ColumnOperation.Impute => (float.IsNaN(A) ? float.IsNaN(x) : x == A) ? B : x,
        ColumnOperation.Scale => (x - A) * B,
        ColumnOperation.Add => x + A,
        ColumnOperation.Multiply => x * A,
        ColumnOperation.Divide => x / A,
        ColumnOperation.Truncate => MathF.Truncate(x),
        ColumnOperation.Equals => x == A ? 1 : 0,
        _ => x > A ? 1 : 0,
    };
}

/// <summary>A column that an estimator sees: one input feature after elementwise steps. Immutable.</summary>
/// <param name="Source">Index of the input feature.</param>
public sealed record DerivedColumn(int Source, IReadOnlyList<ColumnStep> Steps)
{
    public float Apply(float value)
    {
        for (var i = 0; i < Steps.Count; i++)
        {
            value = Steps[i].Apply(value);
        }

        return value;
    }

    internal DerivedColumn Then(ColumnStep step) => this with { Steps = [.. Steps, step] };
}

/// <summary>
/// From the features of the input to the columns of the estimator behind imputers, scalers and one-hot encoders: each column depends on one feature,
/// so that a feature stays one thing however many columns are made of it. Immutable and thread-safe.
/// </summary>
public sealed class InputColumns
{
    private readonly DerivedColumn[] columns;

    public InputColumns(IReadOnlyList<string> features, IReadOnlyList<DerivedColumn> columns)
    {
        Features = features;
        this.columns = [.. columns];
        IsIdentity = columns.Count == features.Count && columns.Index().All(c => c.Item.Source == c.Index && c.Item.Steps.Count == 0);
    }

    /// <summary>Names of the input features, in order.</summary>
    public IReadOnlyList<string> Features { get; }

    public IReadOnlyList<DerivedColumn> Columns => columns;

    /// <summary>Whether the estimator takes the input as it is.</summary>
    public bool IsIdentity { get; }

    public static InputColumns Identity(IReadOnlyList<string> features) => new(features, [.. features.Select((_, i) => new DerivedColumn(i, []))]);

    /// <summary>One row of the input to one row of the estimator. Allocates nothing.</summary>
    /// <param name="row">Features.Count values; missing is NaN.</param>
    /// <param name="derived">Receives Columns.Count values.</param>
    public void Apply(ReadOnlySpan<float> row, Span<float> derived)
    {
        for (var c = 0; c < columns.Length; c++)
        {
            derived[c] = columns[c].Apply(row[columns[c].Source]);
        }
    }
}

using System.Globalization;

namespace Governance.Data.Csv;

/// <summary>Reads the cells of one column. A cell that does not fit is reported and takes no place. Not thread-safe.</summary>
internal abstract class ColumnBuilder(ColumnSchema schema)
{
    private const NumberStyles PlainNumber = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public ColumnSchema Schema { get; } = schema;

    public static ColumnBuilder For(ColumnSchema schema, CsvLimits limits) => schema switch
    {
        { Type: ColumnType.Number32 } => new Float32Builder(schema),
        { Type: ColumnType.Number64 } => new Float64Builder(schema),
        { Type: ColumnType.Category } => new CategoryBuilder(schema, limits.Levels),
        { Role: ColumnRole.SubjectId } => new SubjectIdBuilder(schema),
        _ => new TextBuilder(schema),
    };

    /// <summary>Takes a cell that is valid UTF-8. Returns what is wrong with it, to follow "the cell", or null.</summary>
    public abstract string? Add(ReadOnlySpan<byte> cell, long line);

    /// <summary>Says how many cells there will be in all, about.</summary>
    public abstract void Expect(int cells);

    /// <summary>A fault that shows only in the whole column, or null.</summary>
    public virtual CsvFault? WholeColumnFault() => null;

    public abstract DataColumn Build();

    /// <summary>Whole numbers of up to seven digits, by far the most cells of tabular data, without the general parser.</summary>
    protected static bool TrySmallInteger(ReadOnlySpan<byte> cell, out int value)
    {
        value = 0;
        if (cell.Length is 0 or > 7)
        {
            return false;
        }

        foreach (var digit in cell)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = (value * 10) + (digit - '0');
        }

        return true;
    }

    private sealed class Float32Builder(ColumnSchema schema) : ColumnBuilder(schema)
    {
        private readonly GrowingArray<float> values = new();

        public override void Expect(int cells) => values.Expect(cells);

        public override string? Add(ReadOnlySpan<byte> cell, long line)
        {
            if (TrySmallInteger(cell, out var small))
            {
                values.Add(small);
                return null;
            }

            if (cell.IsEmpty)
            {
                values.Add(float.NaN);
                return null;
            }

            if (!float.TryParse(cell, PlainNumber, CultureInfo.InvariantCulture, out var value) || !float.IsFinite(value))
            {
                return "is not a finite number";
            }

            values.Add(value);
            return null;
        }

        public override DataColumn Build() => new Float32Column(Schema.Name, Schema.Role, values.ToMemory());
    }

    private sealed class Float64Builder(ColumnSchema schema) : ColumnBuilder(schema)
    {
        private readonly GrowingArray<double> values = new();

        public override void Expect(int cells) => values.Expect(cells);

        public override string? Add(ReadOnlySpan<byte> cell, long line)
        {
            double value;
            if (TrySmallInteger(cell, out var small))
            {
                value = small;
            }
            else if (cell.IsEmpty)
            {
                value = double.NaN;
            }
            else if (!double.TryParse(cell, PlainNumber, CultureInfo.InvariantCulture, out value) || !double.IsFinite(value))
            {
                return "is not a finite number";
            }

            values.Add(value);
            return Schema.Role switch
            {
                ColumnRole.Label when value is not (0 or 1) => "is not 0 or 1, as a label must be",
                ColumnRole.ReferenceScore when value is not (>= 0 and <= 1) => "is not a probability in [0, 1]",
                ColumnRole.GroupProbability when value is not (>= 0 and <= 1) && !double.IsNaN(value) => "is not a probability in [0, 1]",
                ColumnRole.Weight when value is not > 0 => "is not a positive weight",
                _ => null,
            };
        }

        public override DataColumn Build() => new Float64Column(Schema.Name, Schema.Role, values.ToMemory());
    }
}

using System.Buffers;
using System.Collections.Frozen;

namespace Governance.Serving.Protocol;

/// <summary>A request as far as it is read; complete, it becomes a call or a fault. Not thread-safe.</summary>
internal sealed class RequestDraft(InferenceShape shape) : IDisposable
{
    private readonly FeatureBuffer values = new((int)Math.Min((long)shape.MaxRows * shape.Features.Count, Array.MaxLength));

    public string? Id { get; set; }

    public CallParameters Parameters { get; } = new();

    public List<InputTensor> Tensors { get; } = new(1);

    public FeatureBuffer Values => values;

    public OutputSelection Outputs { get; set; } = OutputSelection.All;

    public void Dispose() => values.Dispose();

    /// <param name="binary">What follows the JSON.</param>
    public InferenceCall Complete(ReadOnlySpan<byte> binary)
    {
        var isWhole = Tensors.Count == 1 && Tensors[0].Column == InputTensor.Whole;
        var rows = isWhole ? WholeRows(Tensors[0]) : ColumnRows();
        if (rows > shape.MaxRows)
        {
            throw StrictJson.TooManyRows(shape);
        }

        for (var i = 0; i < Tensors.Count; i++)
        {
            binary = binary[Complete(i, (int)(Tensors[i].Rows * Tensors[i].Columns), binary)..];
        }

        if (!binary.IsEmpty)
        {
            throw StrictJson.Unfit("There are more bytes after the JSON than its tensors say.");
        }

        if (Parameters.Subjects.Count != rows)
        {
            throw StrictJson.Unfit("parameters must name the data subject of each row: subject_id for one row, subject_ids for several.");
        }

        var features = isWhole ? values.Release() : Transposed((int)rows);
        return new InferenceCall(Id, Parameters.Subjects, features.AsMemory(0, (int)rows * shape.Features.Count), (int)rows)
        {
            Purpose = Parameters.Purpose,
            Jurisdiction = Parameters.Jurisdiction,
            Reasons = Parameters.Reasons ?? false,
            Counterfactuals = Parameters.Counterfactuals ?? false,
            Groups = Parameters.GroupsOf((int)rows, shape),
            CoSubjects = Parameters.CoSubjects ?? (IReadOnlyDictionary<int, IReadOnlyList<string>>)FrozenDictionary<int, IReadOnlyList<string>>.Empty,
            Outputs = Outputs,
        }.Renting(features);
    }

    private long WholeRows(in InputTensor tensor) =>
        (tensor.Dimensions == 2 || (tensor.Dimensions == 1 && shape.Features.Count == 1)) && tensor.Columns == shape.Features.Count && tensor.Rows >= 1
            ? tensor.Rows
            : throw StrictJson.Unfit($"shape must be [rows, {shape.Features.Count}] with at least one row.");

    private long ColumnRows()
    {
        if (Tensors.Count != shape.Features.Count || Tensors.DistinctBy(t => t.Column).Count() < Tensors.Count || Tensors.Exists(t => t.Column < 0))
        {
            throw StrictJson.Unfit($"inputs must hold one tensor named '{shape.InputName}', or one for each feature by its name.");
        }

        var rows = Tensors[0].Rows;
        return rows >= 1 && Tensors.TrueForAll(t => t.Rows == rows && t.Columns == 1 && t.Dimensions is 1 or 2)
            ? rows
            : throw StrictJson.Unfit("The shape of a feature's tensor must be [rows] or [rows, 1], the same rows for all, at least one.");
    }

    /// <summary>Checks a tensor's values, and reads them when they are binary; returns how many bytes of <paramref name="binary"/> they took.</summary>
    private int Complete(int index, int count, ReadOnlySpan<byte> binary)
    {
        var tensor = Tensors[index];
        if (tensor.Datatype is Datatype.Unknown or Datatype.Bytes)
        {
            throw StrictJson.Unfit("datatype must be numeric: FP32 or another of FP64, INT8-64, UINT8-64, BOOL, or FP16 in binary. The model has no text columns.");
        }

        if (tensor.HasData == tensor.BinarySize is not null)
        {
            throw StrictJson.Unfit("A tensor has its values in data, or after the JSON by binary_data_size: one of the two.");
        }

        if (tensor.BinarySize is not { } size)
        {
            CheckValues(tensor, count);
            return 0;
        }

        if (size != (long)count * tensor.Datatype.Width() || size > binary.Length)
        {
            throw StrictJson.Unfit($"binary_data_size must be {(long)count * tensor.Datatype.Width()} bytes by shape and datatype, and that many must follow.");
        }

        tensor.Start = values.Count;
        tensor.Count = count;
        Tensors[index] = tensor;
        return BinaryTensor.TryRead(tensor.Datatype, binary[..(int)size], values.Take(count))
            ? (int)size
            : throw StrictJson.Unfit("A binary value is NaN, infinite, outside the range of FP32, or a BOOL other than 0 and 1.");
    }

    private static void CheckValues(in InputTensor tensor, int count)
    {
        if (tensor.Count != count)
        {
            throw StrictJson.Unfit($"data holds {tensor.Count} values where shape says {count}.");
        }

        if (tensor.Nested is { } length && (tensor.Dimensions != 2 || length != tensor.Columns))
        {
            throw StrictJson.Unfit("data is nested otherwise than shape says.");
        }

        if (tensor.Datatype == Datatype.Fp16)
        {
            throw StrictJson.Unfit("FP16 comes in binary form only.");
        }

        if (tensor.Datatype == Datatype.Bool ? tensor.HasNumbers : tensor.HasBooleans)
        {
            throw StrictJson.Unfit("The values of BOOL, and only of BOOL, are true and false.");
        }

        if (tensor.Datatype.Integers() is { } range && (tensor.HasFractions || tensor.Least < range.Least || tensor.Greatest > range.Greatest))
        {
            throw StrictJson.Unfit("A value of data is not an integer of the tensor's datatype.");
        }
    }

    /// <summary>Columns one after another become rows.</summary>
    private float[] Transposed(int rows)
    {
        var width = shape.Features.Count;
        var rowMajor = ArrayPool<float>.Shared.Rent(rows * width);
        foreach (var tensor in Tensors)
        {
            var column = values.Written.Slice(tensor.Start, rows);
            for (var row = 0; row < rows; row++)
            {
                rowMajor[(row * width) + tensor.Column] = column[row];
            }
        }

        return rowMajor;
    }
}

using System.Text.Json;

namespace Governance.Serving.Protocol;

/// <summary>Reads one tensor of <c>inputs</c>. Members may come in any order, so values are judged by their datatype when all are there.</summary>
internal static class InputTensorReader
{
    [Flags]
    private enum Members
    {
        None = 0,
        Name = 1,
        Shape = 2,
        Datatype = 4,
        Parameters = 8,
        Data = 16,
    }

    /// <param name="expected">The column this tensor most likely is.</param>
    public static InputTensor Read(ref Utf8JsonReader reader, InferenceShape shape, FeatureBuffer values, int expected)
    {
        var tensor = new InputTensor();
        var seen = Members.None;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                StrictJson.Once(ref seen, Members.Name, "name");
                reader.Read();
                tensor.Column = Column(in reader, shape, expected);
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                StrictJson.Once(ref seen, Members.Shape, "shape");
                ReadShape(ref reader, ref tensor);
            }
            else if (reader.ValueTextEquals("datatype"u8))
            {
                StrictJson.Once(ref seen, Members.Datatype, "datatype");
                reader.Read();
                tensor.Datatype = Datatypes.Of(in reader);
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                StrictJson.Once(ref seen, Members.Data, "data");
                ReadData(ref reader, ref tensor, shape, values);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                StrictJson.Once(ref seen, Members.Parameters, "parameters");
                ReadParameters(ref reader, ref tensor);
            }
            else
            {
                throw StrictJson.Unfit("A member of the tensor is not one of name, shape, datatype, parameters, data.");
            }
        }

        return tensor;
    }

    private static int Column(in Utf8JsonReader name, InferenceShape shape, int expected)
    {
        if (name.TokenType != JsonTokenType.String)
        {
            throw StrictJson.Unfit("The name of a tensor is a string.");
        }

        if (name.ValueTextEquals(shape.InputName))
        {
            return InputTensor.Whole;
        }

        // Tensors mostly come in the order of the columns.
        for (var i = 0; i < shape.Features.Count; i++)
        {
            var column = (expected + i) % shape.Features.Count;
            if (name.ValueTextEquals(shape.Features[column]))
            {
                return column;
            }
        }

        return InputTensor.Unknown;
    }

    private static void ReadShape(ref Utf8JsonReader reader, ref InputTensor tensor)
    {
        StrictJson.Begin(ref reader, JsonTokenType.StartArray, "shape is a list of integers.");
        while (reader.Read() && reader.TokenType == JsonTokenType.Number && tensor.Dimensions < 3 && reader.TryGetInt64(out var size))
        {
            tensor.Dimensions++;
            if (tensor.Dimensions == 1)
            {
                tensor.Rows = size;
            }
            else
            {
                tensor.Columns = size;
            }
        }

        StrictJson.Expect(reader.TokenType, JsonTokenType.EndArray, "shape is a list of one or two integers: rows, and columns.");
    }

    private static void ReadParameters(ref Utf8JsonReader reader, ref InputTensor tensor)
    {
        StrictJson.Begin(ref reader, JsonTokenType.StartObject, "parameters is an object.");
        HashSet<string>? unknown = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (!reader.ValueTextEquals("binary_data_size"u8))
            {
                StrictJson.SkipMember(ref reader, ref unknown);
                continue;
            }

            reader.Read();
            tensor.BinarySize = tensor.BinarySize is null && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var size) && size >= 0
                ? size
                : throw StrictJson.Unfit("binary_data_size is a number of bytes, given once.");
        }
    }

    /// <summary>Flat or nested row-major values.</summary>
    private static void ReadData(ref Utf8JsonReader reader, ref InputTensor tensor, InferenceShape shape, FeatureBuffer values)
    {
        StrictJson.Begin(ref reader, JsonTokenType.StartArray, "data is a list of numbers.");
        tensor.HasData = true;
        tensor.Start = values.Count;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                if (tensor.Nested is not null)
                {
                    throw Ragged();
                }

                Add(in reader, ref tensor, shape, values);
                continue;
            }

            var before = values.Count;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Add(in reader, ref tensor, shape, values);
            }

            var length = values.Count - before;
            var isFirst = before == tensor.Start;
            if (isFirst ? length == 0 : tensor.Nested != length)
            {
                throw Ragged();
            }

            tensor.Nested = length;
        }

        tensor.Count = values.Count - tensor.Start;
    }

    private static void Add(in Utf8JsonReader reader, ref InputTensor tensor, InferenceShape shape, FeatureBuffer values)
    {
        if (values.IsFull)
        {
            throw StrictJson.TooManyRows(shape);
        }

        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False)
        {
            tensor.HasBooleans = true;
            values.Add(reader.TokenType == JsonTokenType.True ? 1 : 0);
            return;
        }

        if (reader.TokenType != JsonTokenType.Number)
        {
            throw StrictJson.Unfit($"Value {values.Count - tensor.Start} of data is not a number. NaN, infinity and null are not accepted.");
        }

        var value = reader.GetDouble();
        tensor.HasNumbers = true;
        tensor.HasFractions |= value != Math.Truncate(value);
        tensor.Least = Math.Min(tensor.Least, value);
        tensor.Greatest = Math.Max(tensor.Greatest, value);
        var narrow = (float)value;
        if (!float.IsFinite(narrow))
        {
            throw StrictJson.Unfit($"Value {values.Count - tensor.Start} of data is outside the range of FP32.");
        }

        values.Add(narrow);
    }

    private static FaultException Ragged() => StrictJson.Unfit("data is flat, or a list of rows of one length.");
}

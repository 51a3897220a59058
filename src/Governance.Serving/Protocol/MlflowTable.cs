using System.Buffers;
using System.Text.Json;

namespace Governance.Serving.Protocol;

/// <summary>The rows of a request to an MLflow scoring server, as lists, as records by feature or as columns by feature. Not thread-safe.</summary>
internal sealed class MlflowTable(InferenceShape shape) : IDisposable
{
    private readonly FeatureBuffer values = new((int)Math.Min((long)shape.MaxRows * shape.Features.Count, Array.MaxLength));
    private readonly bool[] given = new bool[shape.Features.Count];

    /// <summary>The feature of each value in the order it was read; null in the model's own order.</summary>
    private List<int>? order;
    private bool isColumnMajor;

    public int Rows { get; private set; }

    private int Width => shape.Features.Count;

    public void Dispose() => values.Dispose();

    /// <summary>The names of columns.</summary>
    public void ReadOrder(ref Utf8JsonReader reader)
    {
        StrictJson.Begin(ref reader, JsonTokenType.StartArray, "columns is a list of the model's features.");
        order = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            order.Add(Feature(in reader, order.Count));
        }

        Forget(order.Count);
    }

    /// <summary>Rows, the reader standing on their list: each a list in the order of columns, or an object by feature.</summary>
    public void ReadRows(ref Utf8JsonReader reader)
    {
        StrictJson.Expect(reader.TokenType, JsonTokenType.StartArray, "The rows are a list of lists of numbers, or of objects by feature.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Rows == shape.MaxRows)
            {
                throw StrictJson.TooManyRows(shape);
            }

            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadRecord(ref reader);
            }
            else
            {
                StrictJson.Expect(reader.TokenType, JsonTokenType.StartArray, "The rows are a list of lists of numbers, or of objects by feature.");
                ReadNumbers(ref reader, Width);
            }

            Rows++;
        }
    }

    /// <summary>Columns by feature, the reader standing on their object: each a list of numbers, as many in all.</summary>
    public void ReadColumns(ref Utf8JsonReader reader)
    {
        (isColumnMajor, order) = (true, []);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            order.Add(Feature(in reader, order.Count));
            StrictJson.Begin(ref reader, JsonTokenType.StartArray, "A column is a list of numbers.");
            var before = values.Count;
            ReadNumbers(ref reader, order.Count == 1 ? shape.MaxRows : Rows);
            Rows = values.Count - before;
        }

        Forget(order.Count);
    }

    /// <summary>The rows one after another, each in the model's order, in a rented buffer that now is the caller's.</summary>
    public float[] RowMajor(out int length)
    {
        length = Rows * Width;
        if (order is null && !isColumnMajor)
        {
            return values.Release();
        }

        var rowMajor = ArrayPool<float>.Shared.Rent(length);
        for (var i = 0; i < length; i++)
        {
            var (row, column) = isColumnMajor ? (i % Rows, i / Rows) : (i / Width, i % Width);
            rowMajor[(row * Width) + order![column]] = values.Written[i];
        }

        return rowMajor;
    }

    private void ReadRecord(ref Utf8JsonReader reader)
    {
        var row = values.Take(Width);
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var column = Feature(in reader, count++);
            reader.Read();
            row[column] = Number(in reader);
        }

        Forget(count);
    }

    private void ReadNumbers(ref Utf8JsonReader reader, int count)
    {
        var isExact = count != shape.MaxRows || !isColumnMajor;
        var before = values.Count;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (values.Count - before == count)
            {
                throw isExact ? Uneven() : StrictJson.TooManyRows(shape);
            }

            values.Add(Number(in reader));
        }

        if (isExact && values.Count - before != count)
        {
            throw Uneven();
        }
    }

    private static float Number(in Utf8JsonReader reader)
    {
        var value = reader.TokenType switch
        {
            JsonTokenType.Number => (float)reader.GetDouble(),
            JsonTokenType.True => 1,
            JsonTokenType.False => 0,
            _ => float.NaN,
        };
        return float.IsFinite(value) ? value : throw StrictJson.Unfit("A value is not a number within FP32. NaN, infinity and null are not accepted.");
    }

    /// <summary>The column of the feature whose name the reader stands on, which may be given once.</summary>
    private int Feature(in Utf8JsonReader name, int expected)
    {
        for (var i = 0; i < Width && name.TokenType is JsonTokenType.String or JsonTokenType.PropertyName; i++)
        {
            var column = (expected + i) % Width;
            if (name.ValueTextEquals(shape.Features[column]))
            {
                return given[column] ? throw StrictJson.Unfit("A feature is given twice.") : Given(column);
            }
        }

        throw StrictJson.Unfit("A column is not one of the model's features.");
    }

    private int Given(int column)
    {
        given[column] = true;
        return column;
    }

    /// <summary>Ends a list of features, which must be complete.</summary>
    private void Forget(int count)
    {
        if (count != Width)
        {
            throw StrictJson.Unfit($"Each row holds the model's {Width} features.");
        }

        Array.Clear(given);
    }

    private FaultException Uneven() => StrictJson.Unfit($"Each row holds the model's {Width} features, and each column as many rows.");
}

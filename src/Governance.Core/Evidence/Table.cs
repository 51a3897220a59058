using System.Text.Json;
using System.Text.Json.Serialization;

namespace Governance.Core.Evidence;

/// <summary>
/// A table a check leaves beside its measures: the points of a curve, the bins of a calibration, the rates by group.
/// Every row has as many cells as there are columns. Immutable.
/// </summary>
/// <param name="Name">snake_case, unique within a result; charts find their data by it (<c>roc</c>, <c>calibration</c>, <c>group_rates</c>).</param>
/// <param name="Title">For people.</param>
public sealed record Table(string Name, string Title, IReadOnlyList<Column> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows);

/// <param name="Name">snake_case.</param>
/// <param name="Title">For people.</param>
/// <param name="Format">How to print numbers: <c>number</c> (default), <c>integer</c>, <c>percent</c>, <c>pvalue</c>; <c>text</c> for words.</param>
public sealed record Column(string Name, string Title, string Format = "number");

/// <summary>A finite number, a text, or nothing. A number that is not finite becomes nothing. Immutable.</summary>
[JsonConverter(typeof(CellJsonConverter))]
public readonly record struct Cell
{
    public Cell(double? number) => Number = number is { } n && double.IsFinite(n) ? n : null;

    public Cell(string? text) => Text = text;

    public double? Number { get; }

    public string? Text { get; }

    public static implicit operator Cell(double value) => new(value);

    public static implicit operator Cell(double? value) => new(value);

    public static implicit operator Cell(string? value) => new(value);
}

internal sealed class CellJsonConverter : JsonConverter<Cell>
{
    public override Cell Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => new Cell(reader.GetDouble()),
        JsonTokenType.String => new Cell(reader.GetString()),
        JsonTokenType.Null => default,
        _ => throw new JsonException("A table cell is a number, a string or null."),
    };

    public override bool HandleNull => true;

    public override void Write(Utf8JsonWriter writer, Cell value, JsonSerializerOptions options)
    {
        if (value.Number is { } number)
        {
            writer.WriteNumberValue(number);
        }
        else if (value.Text is { } text)
        {
            writer.WriteStringValue(text);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}

using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Governance.Serving.Upstreams;

/// <summary>Requests and answers of the protocols upstreams speak. Pure.</summary>
internal static class UpstreamMessages
{
    /// <summary>Where scores of a version are asked for, relative to the base address.</summary>
    public static string Path(UpstreamOptions options, string model, int version) => options.Protocol switch
    {
        UpstreamProtocol.Mlflow => "/invocations",
        _ => string.Create(CultureInfo.InvariantCulture, $"/v2/models/{Uri.EscapeDataString(options.Model ?? model)}/versions/{version}/infer"),
    };

    public static ReadOnlyMemory<byte> Write(UpstreamOptions options, IReadOnlyList<string> names, ReadOnlySpan<float> features, int rows)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + (features.Length * 12));
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        if (options.Protocol == UpstreamProtocol.Mlflow)
        {
            WriteFrame(json, names, features);
        }
        else
        {
            WriteTensor(json, options, names.Count, features, rows);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Reads one score for each row.</summary>
    /// <returns>What is wrong with the answer, without any of its content; null when the scores are read.</returns>
    public static string? Read(UpstreamOptions options, ReadOnlyMemory<byte> body, int version, Span<double> scores)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            return options.Protocol == UpstreamProtocol.Mlflow
                ? Scores(document.RootElement.GetProperty("predictions"), scores)
                : ReadTensor(options, document.RootElement, version, scores);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return "it is not in the protocol's form";
        }
    }

    private static void WriteFrame(Utf8JsonWriter json, IReadOnlyList<string> names, ReadOnlySpan<float> features)
    {
        json.WriteStartObject("dataframe_split");
        json.WriteStartArray("columns");
        foreach (var name in names)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WriteStartArray("data");
        for (var i = 0; i < features.Length; i += names.Count)
        {
            json.WriteStartArray();
            WriteValues(json, features.Slice(i, names.Count));
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter json, UpstreamOptions options, int width, ReadOnlySpan<float> features, int rows)
    {
        json.WriteStartArray("inputs");
        json.WriteStartObject();
        json.WriteString("name", options.Input);
        json.WriteStartArray("shape");
        json.WriteNumberValue(rows);
        json.WriteNumberValue(width);
        json.WriteEndArray();
        json.WriteString("datatype", "FP32");
        json.WriteStartArray("data");
        WriteValues(json, features);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("outputs");
        json.WriteStartObject();
        json.WriteString("name", options.Output);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteValues(Utf8JsonWriter json, ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }
    }

    private static string? ReadTensor(UpstreamOptions options, JsonElement answer, int version, Span<double> scores)
    {
        if (answer.TryGetProperty("model_version", out var said) && said.GetString() != version.ToString(CultureInfo.InvariantCulture))
        {
            return "another version of the model answered";
        }

        var outputs = answer.GetProperty("outputs").EnumerateArray().Where(o => o.GetProperty("name").ValueEquals(options.Output)).ToList();
        if (outputs.Count != 1)
        {
            return "it has not exactly one output of the configured name";
        }

        var shape = outputs[0].GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()).ToArray();
        if (shape is not ([_] or [_, 1]) || shape[0] != scores.Length)
        {
            return "its shape is not one score for each row";
        }

        return outputs[0].GetProperty("datatype").GetString() is "FP32" or "FP64" ? Scores(outputs[0].GetProperty("data"), scores) : "its data type is neither FP32 nor FP64";
    }

    /// <summary>Numbers, flat or each in an array of its own.</summary>
    private static string? Scores(JsonElement data, Span<double> scores)
    {
        if (data.GetArrayLength() != scores.Length)
        {
            return "it has not one score for each row";
        }

        var row = 0;
        foreach (var item in data.EnumerateArray())
        {
            var number = item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 1 ? item[0] : item;
            var score = number.GetDouble();
            if (score is not (>= 0 and <= 1))
            {
                return "a score is not a number from 0 to 1";
            }

            scores[row++] = score;
        }

        return null;
    }
}

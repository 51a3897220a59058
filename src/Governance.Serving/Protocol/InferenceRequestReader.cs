using System.Text.Json;

namespace Governance.Serving.Protocol;

/// <summary>
/// Reads an Open Inference Protocol v2 request strictly: known members once each, one tensor of all features or one for each feature, finite
/// values of their datatype, one subject per row; values as JSON or after it (extension <c>binary_tensor_data</c>). Hostile bytes give a fault,
/// never an exception; memory is bounded by the rows allowed.
/// </summary>
public static class InferenceRequestReader
{
    public const int LongestId = 128;
    public const int LongestSubject = 256;

    /// <summary>Characters of a purpose or a jurisdiction.</summary>
    public const int LongestWord = 64;

    /// <summary>Most people one row can be about.</summary>
    public const int MostSubjectsOfARow = 8;

    [Flags]
    private enum Members
    {
        None = 0,
        Id = 1,
        Parameters = 2,
        Inputs = 4,
        Outputs = 8,
    }

    /// <param name="body">The JSON, and after it the values of binary tensors.</param>
    /// <param name="jsonLength">Bytes of the JSON (<c>Inference-Header-Content-Length</c>); null when there is nothing else.</param>
    /// <returns>A call, to be disposed by the caller, or a fault; exactly one is null.</returns>
    public static (InferenceCall? Call, InferenceFault? Fault) Read(ReadOnlySpan<byte> body, InferenceShape shape, long? jsonLength = null)
    {
        if (jsonLength is < 0 || jsonLength > body.Length)
        {
            return (null, new InferenceFault(400, "malformed-request", "Inference-Header-Content-Length is longer than the body."));
        }

        using var request = new RequestDraft(shape);
        try
        {
            var json = body[..(int)(jsonLength ?? body.Length)];
            var reader = new Utf8JsonReader(json, StrictJson.Options);
            ReadRequest(ref reader, request, shape);
            if (reader.Read())
            {
                throw StrictJson.Unfit("There is something after the request object.");
            }

            return (request.Complete(body[json.Length..]), null);
        }
        catch (FaultException e)
        {
            return (null, e.Fault);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return (null, new InferenceFault(400, "malformed-json", "The body is not the JSON of an Open Inference Protocol v2 request."));
        }
    }

    private static void ReadRequest(ref Utf8JsonReader reader, RequestDraft request, InferenceShape shape)
    {
        StrictJson.Begin(ref reader, JsonTokenType.StartObject, "The request is a JSON object.");
        var seen = Members.None;
        var outputs = OutputSelectionReader.Everything;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueTextEquals("id"u8))
            {
                StrictJson.Once(ref seen, Members.Id, "id");
                reader.Read();
                request.Id = reader.TokenType == JsonTokenType.Null ? null : StrictJson.Present(in reader, "id", LongestId);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                StrictJson.Once(ref seen, Members.Parameters, "parameters");
                request.Parameters.Read(ref reader, shape);
            }
            else if (reader.ValueTextEquals("inputs"u8))
            {
                StrictJson.Once(ref seen, Members.Inputs, "inputs");
                ReadInputs(ref reader, request, shape);
            }
            else if (reader.ValueTextEquals("outputs"u8))
            {
                StrictJson.Once(ref seen, Members.Outputs, "outputs");
                outputs = OutputSelectionReader.Read(ref reader);
            }
            else
            {
                throw StrictJson.Unfit("A member of the request is not one of id, parameters, inputs, outputs.");
            }
        }

        request.Outputs = outputs.Resolve(request.Parameters.BinaryOutput ?? false);
    }

    private static void ReadInputs(ref Utf8JsonReader reader, RequestDraft request, InferenceShape shape)
    {
        StrictJson.Begin(ref reader, JsonTokenType.StartArray, "inputs is a list of tensors.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            StrictJson.Expect(reader.TokenType, JsonTokenType.StartObject, "inputs is a list of tensors.");
            if (request.Tensors.Count == shape.Features.Count)
            {
                throw StrictJson.Unfit("inputs holds more tensors than the model has features.");
            }

            request.Tensors.Add(InputTensorReader.Read(ref reader, shape, request.Values, request.Tensors.Count));
        }
    }
}

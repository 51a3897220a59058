using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Governance.Serving.Protocol;

namespace Governance.Gateway.Inference;

/// <summary>Reads the whole body of a request, bounded by the server's limit, as one piece of memory.</summary>
internal static class InferenceBody
{
    /// <summary>Content type of a body with binary tensors after its JSON.</summary>
    public const string BinaryType = "application/octet-stream";

    /// <summary>Bytes of the JSON where binary tensors follow it; on requests and on answers.</summary>
    public const string JsonLengthHeader = "Inference-Header-Content-Length";

    /// <summary>Parses a body: JSON, or JSON and binary.</summary>
    public delegate (InferenceCall? Call, InferenceFault? Fault) Parser(ReadOnlySpan<byte> body, InferenceShape shape, long? jsonLength);

    /// <summary>An Open Inference Protocol v2 request.</summary>
    public static ValueTask<(InferenceCall? Call, InferenceFault? Fault)> ReadAsync(HttpContext http, InferenceShape shape)
    {
        var header = http.Request.Headers[JsonLengthHeader];
        if (header.Count == 0)
        {
            return ReadAsync(http, shape, InferenceRequestReader.Read, null);
        }

        return header.Count == 1 && long.TryParse(header[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? ReadAsync(http, shape, InferenceRequestReader.Read, length)
            : ValueTask.FromResult<(InferenceCall?, InferenceFault?)>(
                (null, new InferenceFault(StatusCodes.Status400BadRequest, "malformed-request", JsonLengthHeader + " is not a number of bytes.")));
    }

    public static async ValueTask<(InferenceCall? Call, InferenceFault? Fault)> ReadAsync(HttpContext http, InferenceShape shape, Parser parse, long? jsonLength)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (read.IsCompleted)
            {
                var parsed = Parse(read.Buffer, shape, parse, jsonLength);

                // A request with an id may be another gateway's: then it is read again, to be passed on as it came.
                reader.AdvanceTo(parsed.Call?.Id is null ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
                return parsed;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static (InferenceCall? Call, InferenceFault? Fault) Parse(ReadOnlySequence<byte> body, InferenceShape shape, Parser parse, long? jsonLength)
    {
        if (body.IsSingleSegment)
        {
            return parse(body.FirstSpan, shape, jsonLength);
        }

        var length = checked((int)body.Length);
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(rented);
            return parse(rented.AsSpan(0, length), shape, jsonLength);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }
}

using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Governance.Serving.Protocol;

/// <summary>Where an answer is written before it is sent, so that its length is known: one for each thread, used between two awaits. Allocates nothing once it has grown.</summary>
public sealed class ResponseBuffer
{
    private const int Kept = 1 << 20;

    [ThreadStatic]
    private static ResponseBuffer? ofThread;

    private readonly ArrayBufferWriter<byte> bytes = new(4096);

    private ResponseBuffer() => Json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>Writes to the end of the buffer, once flushed.</summary>
    public Utf8JsonWriter Json { get; }

    public ReadOnlyMemory<byte> Written => bytes.WrittenMemory;

    /// <summary>The thread's buffer, empty. What was written before is gone.</summary>
    public static ResponseBuffer Begin()
    {
        var buffer = ofThread ??= new ResponseBuffer();
        if (buffer.bytes.Capacity > Kept)
        {
            buffer = ofThread = new ResponseBuffer();
        }

        buffer.bytes.ResetWrittenCount();
        buffer.Json.Reset();
        return buffer;
    }

    /// <summary>Room for exactly so many bytes after what was written.</summary>
    public Span<byte> Take(int count)
    {
        var span = bytes.GetSpan(count)[..count];
        bytes.Advance(count);
        return span;
    }
}

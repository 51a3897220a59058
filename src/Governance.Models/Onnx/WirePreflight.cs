using Google.Protobuf.Reflection;

namespace Governance.Models.Onnx;

/// <summary>
/// Walks the protobuf wire format of a file without building anything, counting what decoding would build. It bounds memory before
/// the decoder runs: two bytes on the wire can become a hundred in memory. Wire types follow the protobuf encoding specification.
/// </summary>
internal ref struct WirePreflight(OnnxLimits limits)
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;
    private long items;

    /// <summary>The first reason not to decode the bytes, or null.</summary>
    public static OnnxFinding? Check(ReadOnlySpan<byte> file, MessageDescriptor message, OnnxLimits limits) =>
        new WirePreflight(limits).Message(file, message, depth: 0);

    private OnnxFinding? Message(ReadOnlySpan<byte> body, MessageDescriptor? message, int depth)
    {
        if (depth > limits.FileNesting)
        {
            return new(OnnxRule.Complexity, $"The file nests messages more than {limits.FileNesting} deep.");
        }

        while (!body.IsEmpty)
        {
            if (!TryVarint(ref body, out var tag) || tag >> 3 is 0 or > 536_870_911)
            {
                return Damaged();
            }

            var finding = Field(ref body, message?.FindFieldByNumber((int)(tag >> 3)), (int)(tag & 7), depth);
            if (finding is not null)
            {
                return finding;
            }

            if (++items > limits.FileItems)
            {
                return new(OnnxRule.Complexity, $"The file holds more than {limits.FileItems} items.");
            }
        }

        return null;
    }

    private OnnxFinding? Field(ref ReadOnlySpan<byte> body, FieldDescriptor? field, int wireType, int depth)
    {
        switch (wireType)
        {
            case Varint:
                return TryVarint(ref body, out _) ? null : Damaged();
            case Fixed64:
                return TrySkip(ref body, sizeof(ulong)) ? null : Damaged();
            case Fixed32:
                return TrySkip(ref body, sizeof(uint)) ? null : Damaged();
            case LengthDelimited:
                if (!TryVarint(ref body, out var length) || length > (ulong)body.Length)
                {
                    return Damaged();
                }

                var content = body[..(int)length];
                body = body[(int)length..];
                return Content(content, field, depth);
            default:
                return Damaged();
        }
    }

    private OnnxFinding? Content(ReadOnlySpan<byte> content, FieldDescriptor? field, int depth)
    {
        switch (field?.FieldType)
        {
            case FieldType.Message:
                return Message(content, field.MessageType, depth + 1);
            case FieldType.String when content.Length > limits.StringBytes:
                return new(OnnxRule.Text, $"The field {field.Name} holds {content.Length} bytes of text; at most {limits.StringBytes} are allowed.");
            case FieldType.Float or FieldType.Double or FieldType.Int32 or FieldType.Int64 or FieldType.UInt64:
                items += content.Length / (field.FieldType is FieldType.Float ? sizeof(float) : field.FieldType is FieldType.Double ? sizeof(double) : 1);
                return null;
            default:
                return null;
        }
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> body, int bytes)
    {
        if (body.Length < bytes)
        {
            return false;
        }

        body = body[bytes..];
        return true;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> body, out ulong value)
    {
        value = 0;
        for (var i = 0; i < 10 && i < body.Length; i++)
        {
            value |= (ulong)(body[i] & 0x7F) << (7 * i);
            if (body[i] < 0x80)
            {
                body = body[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    private static OnnxFinding Damaged() => new(OnnxRule.Format, "The file is not an ONNX model, or it is cut off or damaged.");
}

using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Core;

namespace Governance.Policy.Gates;

/// <summary>
/// One byte form for equal JSON: members sorted by ordinal name, nulls left out, numbers as the shortest text of their double, no spaces.
/// So a digest does not depend on who wrote the document or in which order.
/// </summary>
internal static class CanonicalJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly Comparer<KeyValuePair<string, JsonNode?>> ByName =
        Comparer<KeyValuePair<string, JsonNode?>>.Create((a, b) => string.CompareOrdinal(a.Key, b.Key));

    public static Digest Digest(JsonNode node) => Core.Digest.Of(Bytes(node));

    public static byte[] Bytes(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(16_384);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            Write(writer, node);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject json:
                writer.WriteStartObject();
                Members(writer, json);
                writer.WriteEndObject();
                break;
            case JsonArray array:
                writer.WriteStartArray();
                foreach (var item in array)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number && JsonNumber.TryDouble(value, out var number):
                writer.WriteNumberValue(number);
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }

    private static void Members(Utf8JsonWriter writer, JsonObject json)
    {
        var members = ArrayPool<KeyValuePair<string, JsonNode?>>.Shared.Rent(json.Count);
        try
        {
            ((ICollection<KeyValuePair<string, JsonNode?>>)json).CopyTo(members, 0);
            var sorted = members.AsSpan(0, json.Count);
            sorted.Sort(ByName);
            foreach (ref readonly var member in sorted)
            {
                if (member.Value is not null)
                {
                    writer.WritePropertyName(member.Key);
                    Write(writer, member.Value);
                }
            }
        }
        finally
        {
            ArrayPool<KeyValuePair<string, JsonNode?>>.Shared.Return(members, clearArray: true);
        }
    }
}

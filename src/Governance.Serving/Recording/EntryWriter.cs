using System.Text.Json;
using Governance.Core;
using Governance.Ledger;
using Governance.Serving.Protocol;

namespace Governance.Serving.Recording;

/// <summary>
/// The bytes of <see cref="GovernanceJson"/> for the two documents each answered row has, written directly. They are kept for ever: what is written
/// here must be what the serialiser writes, byte for byte.
/// </summary>
internal static class EntryWriter
{
    private const int HashDigits = 2 * MerkleHash.Size;

    /// <summary>The payload of one row for one of its people.</summary>
    /// <returns>Valid until the thread's buffer is used again.</returns>
    public static ReadOnlySpan<byte> Payload(in InferencePayload payload, ReadOnlySpan<float> features)
    {
        var buffer = ResponseBuffer.Begin();
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteString("subject"u8, payload.Subject);
        if (payload.Request is { } request)
        {
            json.WriteString("request"u8, request);
        }

        json.WriteNumber("row"u8, payload.Row);
        json.WriteStartArray("features"u8);
        foreach (var feature in features)
        {
            json.WriteNumberValue(feature);
        }

        json.WriteEndArray();
        json.WriteNumber("score"u8, payload.Score);
        json.WriteNumber("threshold"u8, payload.Threshold);
        json.WriteString("decision"u8, payload.Decision);
        Member(json, "retry", payload.Retry);
        Member(json, "groups", payload.Groups);
        Member(json, "explanation", payload.Explanation);
        json.WriteEndObject();
        json.Flush();
        return buffer.Written.Span;
    }

    /// <summary>The entry of a row about one person: what its section is bound to, and then the section.</summary>
    /// <param name="associatedData">As <see cref="InferenceEntry.AssociatedData"/> gives it for one section.</param>
    public static byte[] Entry(ReadOnlySpan<byte> associatedData, in SealedRecord section)
    {
        var keyRef = ",\"keyRef\":\""u8;
        var ctHash = "\",\"ctHash\":\""u8;
        var commit = "\",\"commit\":\""u8;
        var entry = new byte[associatedData.Length - 1 + keyRef.Length + (2 * KeyRef.Size) + ctHash.Length + HashDigits + commit.Length + HashDigits + "\"}"u8.Length];
        var at = entry.AsSpan();
        Span<byte> hash = stackalloc byte[MerkleHash.Size];
        Put(ref at, associatedData[..^1]);
        Put(ref at, keyRef);
        section.KeyRef.CopyTo(hash);
        PutHex(ref at, hash[..KeyRef.Size]);
        Put(ref at, ctHash);
        section.CiphertextHash.CopyTo(hash);
        PutHex(ref at, hash);
        Put(ref at, commit);
        section.Commitment.CopyTo(hash);
        PutHex(ref at, hash);
        Put(ref at, "\"}"u8);
        return entry;
    }

    private static void Member<T>(Utf8JsonWriter json, string name, T? value)
        where T : class
    {
        if (value is not null)
        {
            json.WritePropertyName(name);
            JsonSerializer.Serialize(json, value, GovernanceJson.Options);
        }
    }

    private static void Put(ref Span<byte> at, scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(at);
        at = at[bytes.Length..];
    }

    private static void PutHex(ref Span<byte> at, scoped ReadOnlySpan<byte> bytes)
    {
        Convert.TryToHexStringLower(bytes, at, out var written);
        at = at[written..];
    }
}

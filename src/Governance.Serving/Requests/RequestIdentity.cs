using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Governance.Serving.Protocol;

namespace Governance.Serving.Requests;

/// <summary>What a request asks, and who asked it under which id, each as 128 bits. Pure functions.</summary>
internal static class RequestIdentity
{
    private const int Size = 16;

    /// <summary>Everything an answer depends on: rows, people, purpose, jurisdiction, and what is asked beside the decision. Not the id.</summary>
    public static UInt128 Content(InferenceCall call)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(call.Features.Span));
        Span<byte> number = stackalloc byte[sizeof(int)];
        for (var row = 0; row < call.Rows; row++)
        {
            var people = call.SubjectsOf(row);
            BinaryPrimitives.WriteInt32LittleEndian(number, people.Count);
            hash.AppendData(number);
            foreach (var person in people)
            {
                Append(hash, person);
            }
        }

        Append(hash, call.Purpose);
        Append(hash, call.Jurisdiction);
        hash.AppendData([(byte)((call.Reasons ? 1 : 0) | (call.Counterfactuals ? 2 : 0))]);
        if (call.Groups is { } groups)
        {
            hash.AppendData(groups.Levels.Span);
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    /// <summary>Names a request without holding its id: a keyed hash over caller, route and id.</summary>
    public static UInt128 Name(ReadOnlySpan<byte> key, string client, string route, string id)
    {
        var named = Encoding.UTF8.GetBytes(FormattableString.Invariant($"{client.Length} {client} {route.Length} {route} {id}"));
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, named, mac);
        return BinaryPrimitives.ReadUInt128BigEndian(mac);
    }

    public static string Text(UInt128 content)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, content);
        return Convert.ToHexStringLower(bytes);
    }

    public static UInt128 Parse(string text) => BinaryPrimitives.ReadUInt128BigEndian(Convert.FromHexString(text));

    private static void Append(IncrementalHash hash, string? text)
    {
        var bytes = Encoding.UTF8.GetBytes(text ?? "");
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text is null ? -1 : bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}

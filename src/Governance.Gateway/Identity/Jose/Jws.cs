using System.Text;
using System.Text.Json;

namespace Governance.Gateway.Identity.Jose;

/// <summary>Why a signature was not accepted.</summary>
internal enum JwsFault
{
    None,
    Malformed,
    Algorithm,
    UnknownKey,
    Signature,
}

/// <summary>A compact JWS (RFC 7515 section 7.1) taken apart, not yet believed. Immutable.</summary>
/// <param name="Algorithm">The header's <c>alg</c>.</param>
/// <param name="KeyId">The header's <c>kid</c>.</param>
/// <param name="Type">The header's <c>typ</c>, where it has one.</param>
internal sealed record Jws(string Algorithm, string KeyId, string? Type, byte[] SigningInput, byte[] Payload, byte[] Signature)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    // 'crit' asks for extensions, and we have none; the others bring or point to keys of the sender's choice, or nest a token.
    private static readonly string[] RefusedMembers = ["crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "enc", "cty"];

    /// <summary>Takes a token apart; null when it is not strictly a compact JWS with a header we understand.</summary>
    public static Jws? Parse(string compact)
    {
        var parts = compact.Split('.', 4);
        if (parts.Length != 3
            || !StrictBase64Url.TryDecode(parts[0], out var header)
            || !StrictBase64Url.TryDecode(parts[1], out var payload)
            || !StrictBase64Url.TryDecode(parts[2], out var signature))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(header, Strict);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || RefusedMembers.Any(m => root.TryGetProperty(m, out _)))
            {
                return null;
            }

            var algorithm = Text(root, "alg");
            var keyId = Text(root, "kid");
            var type = root.TryGetProperty("typ", out _) ? Text(root, "typ") ?? "" : null;
            return algorithm is null
                ? null
                : new Jws(algorithm, keyId ?? "", type, Encoding.ASCII.GetBytes(compact, 0, parts[0].Length + 1 + parts[1].Length), payload, signature);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Looks for the key the header names, and verifies with that key's own algorithm and no other.</summary>
    /// <param name="allowed">The algorithms the caller of this method accepts.</param>
    public JwsFault Verify(JsonWebKeySet keys, IReadOnlySet<SignatureAlgorithm> allowed)
    {
        if (!SignatureAlgorithm.Known.TryGetValue(Algorithm, out var algorithm) || !allowed.Contains(algorithm))
        {
            return JwsFault.Algorithm;
        }

        if (!keys.TryFind(KeyId, out var key))
        {
            return JwsFault.UnknownKey;
        }

        if (key.Algorithm != algorithm)
        {
            return JwsFault.Algorithm;
        }

        return key.Verify(SigningInput, Signature) ? JwsFault.None : JwsFault.Signature;
    }

    private static string? Text(JsonElement root, string member) =>
        root.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Governance.Gateway.Identity.Jose;

/// <summary>
/// The keys an issuer publishes (RFC 7517 section 5), by identifier. Immutable. A set with two keys of one identifier, or that mixes
/// symmetric and asymmetric keys, is refused whole; a key that is not for verifying signatures, or not sound, is left out.
/// </summary>
internal sealed class JsonWebKeySet
{
    private const int MaximumKeys = 100;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };
    private readonly Dictionary<string, VerificationKey> keys;

    private JsonWebKeySet(Dictionary<string, VerificationKey> keys, IReadOnlyList<string> leftOut)
    {
        this.keys = keys;
        LeftOut = leftOut;
    }

    public int Count => keys.Count;

    /// <summary>Why keys of the set were left out, one sentence each.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    public bool TryFind(string id, [NotNullWhen(true)] out VerificationKey? key) => keys.TryGetValue(id, out key);

    /// <exception cref="FormatException">The text is not a key set, or one that must be refused whole.</exception>
    public static JsonWebKeySet Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Strict);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("The key set is not JSON of the form {\"keys\":[...]}.", e);
        }
    }

    private static JsonWebKeySet Read(JsonElement root)
    {
        var members = root.GetProperty("keys");
        if (members.GetArrayLength() > MaximumKeys)
        {
            throw new FormatException($"The key set has more than {MaximumKeys} keys.");
        }

        var read = new Dictionary<string, VerificationKey>(StringComparer.Ordinal);
        var leftOut = new List<string>();
        var identifiers = new HashSet<string>(StringComparer.Ordinal);
        var symmetric = 0;
        foreach (var jwk in members.EnumerateArray())
        {
            if (jwk.TryGetProperty("kid", out var id) && !identifiers.Add(id.GetString() ?? ""))
            {
                throw new FormatException("The key set has two keys with one kid.");
            }

            symmetric += jwk.TryGetProperty("kty", out var type) && type.GetString() == "oct" ? 1 : 0;
            try
            {
                var key = JsonWebKeyReader.Read(jwk);
                read.Add(key.Id, key);
            }
            catch (FormatException e)
            {
                leftOut.Add($"Key {leftOut.Count + read.Count + 1} was left out: {e.Message}.");
            }
        }

        if (symmetric > 0 && symmetric < members.GetArrayLength())
        {
            throw new FormatException("The key set mixes symmetric and asymmetric keys.");
        }

        return new JsonWebKeySet(read, leftOut);
    }
}

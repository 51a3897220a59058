using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Governance.Core.Identity;
using Governance.Gateway.Identity.Jose;

namespace Governance.Gateway.Identity.Development;

/// <summary>
/// Issues tokens for the <see cref="Persona"/>s with a key of this installation, in the form the validator demands of every issuer.
/// Exists only in Development on loopback. Thread-safe.
/// </summary>
internal sealed class DevelopmentIssuer : IDisposable
{
    public const string Issuer = "urn:governance:development";
    public const string Audience = "urn:governance:gateway";

    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    private readonly ECDsa key;
    private readonly TimeProvider time;
    private readonly string keyId;
    private readonly Lock signing = new();

    public DevelopmentIssuer(ECDsa key, TimeProvider time)
    {
        this.key = key;
        this.time = time;
        keyId = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 8));
    }

    public JsonWebKeySet PublicKeys()
    {
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        return JsonWebKeySet.Parse(JsonSerializer.SerializeToUtf8Bytes(new
        {
            keys = new[]
            {
                new { kty = "EC", crv = "P-256", use = "sig", alg = "ES256", kid = keyId, x = Base64Url.EncodeToString(q.X), y = Base64Url.EncodeToString(q.Y) },
            },
        }));
    }

    /// <returns>The token and when it expires.</returns>
    public (string Token, DateTimeOffset ExpiresAt) Issue(Persona persona)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var expires = now + (long)Lifetime.TotalSeconds;
        var header = Encode(new { alg = "ES256", kid = keyId, typ = "at+jwt" });
        var claims = Encode(new
        {
            iss = Issuer,
            aud = Audience,
            sub = persona.Id,
            name = persona.Name,
            roles = new[] { persona.Role.Name() },
            idtyp = persona.Kind == CallerKind.Person ? "user" : "app",
            iat = now,
            auth_time = now,
            nbf = now,
            exp = expires,
            jti = Guid.NewGuid().ToString("N"),
        });
        var input = header + "." + claims;
        byte[] signature;
        lock (signing)
        {
            signature = key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        return (input + "." + Base64Url.EncodeToString(signature), DateTimeOffset.FromUnixTimeSeconds(expires));
    }

    public void Dispose() => key.Dispose();

    private static string Encode<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Gateway.Identity;
using Governance.Gateway.Identity.Jose;

namespace Governance.Gateway.Tests.Identity;

/// <summary>An issuer that can be made to issue what no honest issuer would.</summary>
internal sealed class TestTokens
{
    public const string Issuer = "https://issuer.example/v2.0";
    public const string Audience = "governance-test";
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestTime Time { get; } = new();

    public int Loads { get; private set; }

    public byte[] PublicKeyBytes => key.ExportSubjectPublicKeyInfo();

    public JwtTokenValidator Validator() => new(Issuer, Audience, Cache(), Time);

    public KeySetCache Cache() => new(_ => Task.FromResult(Load()), Time);

    public static JsonObject Header() => new() { ["alg"] = "ES256", ["kid"] = "k1", ["typ"] = "JWT" };

    public JsonObject Claims()
    {
        var now = Time.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = Audience,
            ["sub"] = "sub-1",
            ["oid"] = "oid-1",
            ["name"] = "Vera Valid",
            ["roles"] = new JsonArray("validator"),
            ["idtyp"] = "user",
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 3600,
            ["jti"] = "token-1",
        };
    }

    public string Sign(JsonObject header, JsonObject claims) => SignRaw(header.ToJsonString(), claims.ToJsonString());

    public string SignRaw(string header, string claims)
    {
        var input = Encode(header) + "." + Encode(claims);
        return input + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256));
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public string KeySetJson()
    {
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        return JsonSerializer.Serialize(new
        {
            keys = new[] { new { kty = "EC", crv = "P-256", kid = "k1", x = Base64Url.EncodeToString(q.X), y = Base64Url.EncodeToString(q.Y) } },
        });
    }

    private JsonWebKeySet Load()
    {
        Loads++;
        return JsonWebKeySet.Parse(Encoding.UTF8.GetBytes(KeySetJson()));
    }
}

using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;

namespace Governance.Gateway.Identity.Jose;

/// <summary>
/// Reads one JSON Web Key (RFC 7517, 7518 section 6) that verifies signatures. Strict: a key whose use, operations, algorithm, curve,
/// size, exponent or point is not right for that is no key; <see cref="FormatException"/> says why.
/// </summary>
internal static class JsonWebKeyReader
{
    private const int MinimumRsaBits = 2048;
    private const int MaximumRsaBits = 8192;
    private const int MinimumExponent = 65537;

    public static VerificationKey Read(JsonElement jwk)
    {
        var id = Text(jwk, "kid");
        if (jwk.TryGetProperty("use", out var use) && use.GetString() != "sig")
        {
            throw new FormatException("its use is not 'sig'");
        }

        if (jwk.TryGetProperty("key_ops", out var operations) && !operations.EnumerateArray().Any(o => o.GetString() == "verify"))
        {
            // A symmetric key lists 'sign' and 'verify' alike; a public one 'verify' alone.
            throw new FormatException("its key_ops do not hold 'verify'");
        }

        return Text(jwk, "kty") switch
        {
            "RSA" => ReadRsa(jwk, id),
            "EC" => ReadEc(jwk, id),
            "oct" => ReadSymmetric(jwk, id),
            _ => throw new FormatException("its kty is not RSA, EC or oct"),
        };
    }

    private static RsaVerificationKey ReadRsa(JsonElement jwk, string id)
    {
        RefusePrivatePart(jwk);
        var algorithm = AlgorithmOf(jwk, SignatureAlgorithm.RS256);
        if (algorithm.Family is not (SignatureFamily.RsaPkcs1 or SignatureFamily.RsaPss))
        {
            throw new FormatException("its alg is not an RSA algorithm");
        }

        // RFC 7518 section 6.3.1.1 forbids leading zeros; some issuers write one, and the number is the same.
        var modulus = Bytes(jwk, "n").AsSpan().TrimStart((byte)0).ToArray();
        var exponent = Bytes(jwk, "e");
        var n = new BigInteger(modulus, isUnsigned: true, isBigEndian: true);
        var e = new BigInteger(exponent, isUnsigned: true, isBigEndian: true);
        if (n.GetBitLength() is < MinimumRsaBits or > MaximumRsaBits)
        {
            throw new FormatException($"its modulus is not between {MinimumRsaBits} and {MaximumRsaBits} bits");
        }

        if (n.IsEven || e.IsEven || e < MinimumExponent || e.GetBitLength() > 64)
        {
            throw new FormatException($"its modulus or exponent is not sound (odd, exponent at least {MinimumExponent})");
        }

        if (RocaFingerprint.Matches(n))
        {
            throw new FormatException("it was made by a generator with the ROCA weakness");
        }

        return new RsaVerificationKey(id, algorithm, new RSAParameters { Modulus = modulus, Exponent = exponent });
    }

    private static EcVerificationKey ReadEc(JsonElement jwk, string id)
    {
        RefusePrivatePart(jwk);
        var (curve, size, byDefault) = Text(jwk, "crv") switch
        {
            "P-256" => (ECCurve.NamedCurves.nistP256, 32, SignatureAlgorithm.ES256),
            "P-384" => (ECCurve.NamedCurves.nistP384, 48, SignatureAlgorithm.Known["ES384"]),
            "P-521" => (ECCurve.NamedCurves.nistP521, 66, SignatureAlgorithm.Known["ES512"]),
            _ => throw new FormatException("its curve is not P-256, P-384 or P-521"),
        };
        if (AlgorithmOf(jwk, byDefault) != byDefault)
        {
            throw new FormatException("its alg does not belong to its curve");
        }

        var parameters = new ECParameters { Curve = curve, Q = new ECPoint { X = Bytes(jwk, "x"), Y = Bytes(jwk, "y") } };
        if (parameters.Q.X.Length != size || parameters.Q.Y.Length != size)
        {
            throw new FormatException("its coordinates are not of the curve's length");
        }

        try
        {
            using var onCurve = ECDsa.Create(parameters);
        }
        catch (CryptographicException e)
        {
            throw new FormatException("its point is not on the curve", e);
        }

        return new EcVerificationKey(id, byDefault, parameters);
    }

    private static HmacVerificationKey ReadSymmetric(JsonElement jwk, string id)
    {
        var algorithm = AlgorithmOf(jwk, byDefault: null);
        var secret = Bytes(jwk, "k");
        if (algorithm.Family != SignatureFamily.Hmac || secret.Length < algorithm.HashBytes)
        {
            throw new FormatException("it is not an HMAC key as long as its hash (RFC 7518 section 3.2)");
        }

        return new HmacVerificationKey(id, algorithm, secret);
    }

    private static SignatureAlgorithm AlgorithmOf(JsonElement jwk, SignatureAlgorithm? byDefault)
    {
        if (!jwk.TryGetProperty("alg", out var name))
        {
            return byDefault ?? throw new FormatException("it names no alg");
        }

        return SignatureAlgorithm.Known.TryGetValue(name.GetString() ?? "", out var algorithm)
            ? algorithm
            : throw new FormatException("its alg is not a signature algorithm we know");
    }

    private static void RefusePrivatePart(JsonElement jwk)
    {
        if (jwk.TryGetProperty("d", out _))
        {
            throw new FormatException("it holds the private part; publish only the public one");
        }
    }

    private static string Text(JsonElement jwk, string member) =>
        jwk.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 256 } text
            ? text
            : throw new FormatException($"its {member} is missing");

    private static byte[] Bytes(JsonElement jwk, string member) =>
        jwk.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
        && StrictBase64Url.TryDecode(value.GetString(), out var bytes) && bytes.Length > 0
            ? bytes
            : throw new FormatException($"its {member} is missing or not base64url");
}

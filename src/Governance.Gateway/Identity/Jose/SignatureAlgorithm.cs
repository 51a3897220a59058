using System.Security.Cryptography;

namespace Governance.Gateway.Identity.Jose;

/// <summary>How a signature is made.</summary>
internal enum SignatureFamily
{
    Hmac,
    RsaPkcs1,
    RsaPss,
    Ecdsa,
}

/// <summary>A signature algorithm of RFC 7518 section 3. <c>none</c> is not among them.</summary>
/// <param name="Name">As in the <c>alg</c> member; case-sensitive.</param>
/// <param name="Curve">The one curve of an ECDSA algorithm.</param>
internal sealed record SignatureAlgorithm(string Name, SignatureFamily Family, HashAlgorithmName Hash, string? Curve = null)
{
    public static SignatureAlgorithm ES256 { get; } = new("ES256", SignatureFamily.Ecdsa, HashAlgorithmName.SHA256, "P-256");

    public static SignatureAlgorithm RS256 { get; } = new("RS256", SignatureFamily.RsaPkcs1, HashAlgorithmName.SHA256);

    public static SignatureAlgorithm PS256 { get; } = new("PS256", SignatureFamily.RsaPss, HashAlgorithmName.SHA256);

    /// <summary>Everything the verifier can do.</summary>
    public static IReadOnlyDictionary<string, SignatureAlgorithm> Known { get; } = new SignatureAlgorithm[]
    {
        ES256,
        new("ES384", SignatureFamily.Ecdsa, HashAlgorithmName.SHA384, "P-384"),
        new("ES512", SignatureFamily.Ecdsa, HashAlgorithmName.SHA512, "P-521"),
        RS256,
        new("RS384", SignatureFamily.RsaPkcs1, HashAlgorithmName.SHA384),
        new("RS512", SignatureFamily.RsaPkcs1, HashAlgorithmName.SHA512),
        PS256,
        new("PS384", SignatureFamily.RsaPss, HashAlgorithmName.SHA384),
        new("PS512", SignatureFamily.RsaPss, HashAlgorithmName.SHA512),
        new("HS256", SignatureFamily.Hmac, HashAlgorithmName.SHA256),
        new("HS384", SignatureFamily.Hmac, HashAlgorithmName.SHA384),
        new("HS512", SignatureFamily.Hmac, HashAlgorithmName.SHA512),
    }.ToDictionary(a => a.Name, StringComparer.Ordinal);

    /// <summary>What the gateway accepts: asymmetric, 128-bit strength.</summary>
    public static IReadOnlySet<SignatureAlgorithm> Gateway { get; } = new HashSet<SignatureAlgorithm> { ES256, RS256, PS256 };

    /// <summary>Bytes of the hash; also the salt length of PSS and the smallest HMAC key.</summary>
    public int HashBytes => Hash.Name switch
    {
        "SHA256" => 32,
        "SHA384" => 48,
        _ => 64,
    };
}

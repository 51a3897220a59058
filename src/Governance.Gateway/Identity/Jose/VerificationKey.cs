using System.Security.Cryptography;

namespace Governance.Gateway.Identity.Jose;

/// <summary>
/// A key that verifies with exactly one algorithm (RFC 8725 section 3.1), so a token cannot choose how its key is used.
/// Thread-safe; holds no private part of an asymmetric key.
/// </summary>
internal abstract class VerificationKey(string id, SignatureAlgorithm algorithm)
{
    public string Id { get; } = id;

    public SignatureAlgorithm Algorithm { get; } = algorithm;

    public abstract bool Verify(ReadOnlySpan<byte> signingInput, ReadOnlySpan<byte> signature);
}

internal sealed class RsaVerificationKey(string id, SignatureAlgorithm algorithm, RSAParameters parameters) : VerificationKey(id, algorithm)
{
    public override bool Verify(ReadOnlySpan<byte> signingInput, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != parameters.Modulus!.Length)
        {
            return false;
        }

        using var rsa = RSA.Create(parameters);
        var padding = Algorithm.Family == SignatureFamily.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
        return rsa.VerifyData(signingInput, signature, Algorithm.Hash, padding);
    }
}

internal sealed class EcVerificationKey(string id, SignatureAlgorithm algorithm, ECParameters parameters) : VerificationKey(id, algorithm)
{
    public override bool Verify(ReadOnlySpan<byte> signingInput, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != 2 * parameters.Q.X!.Length)
        {
            return false;
        }

        using var ecdsa = ECDsa.Create(parameters);
        return ecdsa.VerifyData(signingInput, signature, Algorithm.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}

internal sealed class HmacVerificationKey(string id, SignatureAlgorithm algorithm, byte[] secret) : VerificationKey(id, algorithm)
{
    public override bool Verify(ReadOnlySpan<byte> signingInput, ReadOnlySpan<byte> signature)
    {
        var expected = CryptographicOperations.HmacData(Algorithm.Hash, secret, signingInput);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }
}

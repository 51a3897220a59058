using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Governance.Core.Evidence;

/// <summary>Dead Simple Signing Envelope v1 (secure-systems-lab/dsse): a payload, its type and signatures over both. Immutable.</summary>
/// <param name="Payload">Base64.</param>
public sealed record DsseEnvelope(string PayloadType, string Payload, IReadOnlyList<DsseSignature> Signatures)
{
    /// <exception cref="FormatException">The payload is not base64.</exception>
    public byte[] PayloadBytes() => Convert.FromBase64String(Payload);
}

/// <param name="KeyId">Hint for finding the key; not trusted.</param>
/// <param name="Sig">Base64 of the signature over the pre-authentication encoding.</param>
public sealed record DsseSignature(string KeyId, string Sig);

/// <summary>Signs evidence. Implementations keep the private key; thread-safe.</summary>
public interface IEvidenceSigner
{
    /// <summary>SHA-256 of the SubjectPublicKeyInfo, hexadecimal.</summary>
    string KeyId { get; }

    /// <summary>SubjectPublicKeyInfo in PEM form: what anyone needs to verify the signatures.</summary>
    string PublicKey { get; }

    /// <summary>ECDSA over SHA-256, IEEE P1363 form.</summary>
    byte[] Sign(ReadOnlySpan<byte> message);

    bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}

public static class Dsse
{
    /// <summary>PAE: <c>DSSEv1 len(type) type len(payload) payload</c>, lengths in decimal ASCII.</summary>
    public static byte[] PreAuthenticationEncoding(string payloadType, ReadOnlySpan<byte> payload)
    {
        var header = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {payload.Length} "));
        var message = new byte[header.Length + payload.Length];
        header.CopyTo(message, 0);
        payload.CopyTo(message.AsSpan(header.Length));
        return message;
    }

    public static DsseEnvelope Sign(string payloadType, ReadOnlySpan<byte> payload, IEvidenceSigner signer) =>
        new(payloadType, Convert.ToBase64String(payload),
            [new DsseSignature(signer.KeyId, Convert.ToBase64String(signer.Sign(PreAuthenticationEncoding(payloadType, payload))))]);

    /// <summary>Whether one of the signatures is the signer's and covers type and payload. Never throws on malformed input.</summary>
    public static bool Verify(DsseEnvelope envelope, IEvidenceSigner signer)
    {
        try
        {
            var message = PreAuthenticationEncoding(envelope.PayloadType, envelope.PayloadBytes());
            return envelope.Signatures.Any(s => s?.KeyId == signer.KeyId && signer.Verify(message, Convert.FromBase64String(s.Sig)));
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return false;
        }
    }
}

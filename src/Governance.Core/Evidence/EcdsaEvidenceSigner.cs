using System.Security.Cryptography;

namespace Governance.Core.Evidence;

/// <summary>Signs with an ECDSA P-256 key held in this process. Thread-safe.</summary>
public sealed class EcdsaEvidenceSigner : IEvidenceSigner, IDisposable
{
    private readonly ECDsa key;

    /// <param name="key">A P-256 key; owned from now on.</param>
    public EcdsaEvidenceSigner(ECDsa key)
    {
        this.key = key;
        KeyId = Digest.Of(key.ExportSubjectPublicKeyInfo()).Hex;
        PublicKey = key.ExportSubjectPublicKeyInfoPem();
    }

    public string KeyId { get; }

    public string PublicKey { get; }

    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        lock (key)
        {
            return key.SignData(message, HashAlgorithmName.SHA256);
        }
    }

    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        lock (key)
        {
            return key.VerifyData(message, signature, HashAlgorithmName.SHA256);
        }
    }

    public void Dispose() => key.Dispose();
}

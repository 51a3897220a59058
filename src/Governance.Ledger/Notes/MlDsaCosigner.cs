using System.Security.Cryptography;
using System.Text;

namespace Governance.Ledger;

/// <summary>
/// An ML-DSA-44 key held by this process (FIPS 204), for a witness or, signing with time 0, for a log. Needs OpenSSL 3.5 or later, or a system
/// with the algorithm built in; without it, making one throws <see cref="PlatformNotSupportedException"/>. Thread-safe.
/// </summary>
public sealed class MlDsaCosigner : INoteSigner, ICosigner, IDisposable
{
    internal const string Missing = "ML-DSA-44 needs OpenSSL 3.5 or later, which this system does not have.";
    private readonly MLDsa _key;
    private readonly Lock _gate = new();

    private MlDsaCosigner(string name, MLDsa key)
    {
        _key = key;
        Verifier = NoteVerifier.Create(name, NoteKeyType.MlDsa44Cosignature, key.ExportMLDsaPublicKey());
    }

    /// <summary>This system has the algorithm.</summary>
    public static bool IsSupported => MLDsa.IsSupported;

    public NoteVerifier Verifier { get; }

    public static MlDsaCosigner Create(string name) => new(name, MLDsa.GenerateKey(Require()));

    /// <param name="seed">The 32 bytes FIPS 204 calls ξ.</param>
    public static MlDsaCosigner FromSeed(string name, ReadOnlySpan<byte> seed) => new(name, MLDsa.ImportMLDsaPrivateSeed(Require(), seed));

    /// <summary>As a log: states the checkpoint and no time.</summary>
    /// <exception cref="ArgumentException">The text is not a checkpoint: this type signs nothing else.</exception>
    public byte[] Sign(ReadOnlySpan<byte> text) => Sign(text, 0);

    public byte[] Cosign(Checkpoint checkpoint, DateTimeOffset time) =>
        Sign(Encoding.UTF8.GetBytes(checkpoint.ToString()), (ulong)time.ToUnixTimeSeconds());

    public void Dispose() => _key.Dispose();

    internal static bool Verify(ReadOnlySpan<byte> publicKey, byte[] message, ReadOnlySpan<byte> signature)
    {
        using var key = MLDsa.ImportMLDsaPublicKey(Require(), publicKey);
        return signature.Length == MLDsaAlgorithm.MLDsa44.SignatureSizeInBytes && key.VerifyData(message, signature);
    }

    private byte[] Sign(ReadOnlySpan<byte> text, ulong time)
    {
        var message = Cosignature.Message(Verifier.Type, Verifier.Name, text, time)
            ?? throw new ArgumentException("ML-DSA-44 note keys sign checkpoints, nothing else.", nameof(text));
        lock (_gate)
        {
            return Cosignature.Join(time, _key.SignData(message));
        }
    }

    private static MLDsaAlgorithm Require() => MLDsa.IsSupported ? MLDsaAlgorithm.MLDsa44 : throw new PlatformNotSupportedException(Missing);
}

using System.Security.Cryptography;
using System.Text;

namespace Governance.Ledger;

/// <summary>An ECDSA P-256 key held by this process. Thread-safe.</summary>
public sealed class EcdsaNoteSigner : INoteSigner, IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _gate = new();

    private EcdsaNoteSigner(string name, ECDsa key)
    {
        _key = key;
        Verifier = NoteVerifier.Create(name, NoteKeyType.EcdsaP256, key.ExportSubjectPublicKeyInfo());
    }

    public NoteVerifier Verifier { get; }

    public static EcdsaNoteSigner Create(string name) => new(name, ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a key written by <see cref="ExportPem"/> (PKCS#8, PEM).</summary>
    public static EcdsaNoteSigner FromPem(string name, string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return new EcdsaNoteSigner(name, key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads the key from a PEM file, or makes one there readable by its owner alone. For development and single machines; production keeps
    /// the key behind another <see cref="INoteSigner"/>.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">The file is readable by others, or is not a key.</exception>
    public static EcdsaNoteSigner FromFile(string name, string path)
    {
        var pem = OwnerOnlyFile.ReadOrCreate(path, () =>
        {
            using var created = Create(name);
            return Encoding.ASCII.GetBytes(created.ExportPem());
        });
        try
        {
            return FromPem(name, Encoding.ASCII.GetString(pem));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException)
        {
            throw new LedgerUnavailableException($"{path} does not hold a P-256 private key in PEM form.", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pem);
        }
    }

    public string ExportPem() => _key.ExportPkcs8PrivateKeyPem();

    public byte[] Sign(ReadOnlySpan<byte> text)
    {
        lock (_gate)
        {
            return _key.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    public void Dispose() => _key.Dispose();
}

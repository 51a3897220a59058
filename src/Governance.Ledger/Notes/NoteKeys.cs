using System.Globalization;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Governance.Ledger;

/// <summary>Signs note text. Implementations may keep the key in a vault or a hardware module. Thread-safe.</summary>
public interface INoteSigner
{
    /// <summary>The public half, which names the key.</summary>
    NoteVerifier Verifier { get; }

    /// <summary>The signature bytes over <paramref name="text"/>, without the key id.</summary>
    byte[] Sign(ReadOnlySpan<byte> text);
}

/// <summary>
/// A public key that verifies signed notes (C2SP signed-note): name, 32-bit key id and algorithm. Type 0x02 is ECDSA on P-256 with
/// SHA-256, signatures in ASN.1 DER, key id = SHA-256(SPKI)[..4]. Immutable, thread-safe.
/// </summary>
public sealed class NoteVerifier
{
    private const byte Ecdsa = 0x02;

    // DER of: SEQUENCE { SEQUENCE { ecPublicKey, prime256v1 }, BIT STRING { uncompressed point, 65 bytes } } up to the point's first byte.
    private static readonly byte[] P256Prefix = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
    private readonly byte[] _publicKey;

    private NoteVerifier(string name, byte[] subjectPublicKeyInfo)
    {
        Name = name;
        _publicKey = subjectPublicKeyInfo;
        KeyId = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(subjectPublicKeyInfo));
    }

    /// <summary>Non-empty, without white space or plus; for a log this is its origin.</summary>
    public string Name { get; }

    public uint KeyId { get; }

    /// <exception cref="FormatException">The name or the key is not fit for use.</exception>
    public static NoteVerifier FromPublicKey(string name, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        if (name.Length == 0 || name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+'))
        {
            throw new FormatException("A key name is not empty and has no white space and no plus sign.");
        }

        if (subjectPublicKeyInfo.Length != 91 || !subjectPublicKeyInfo.StartsWith(P256Prefix))
        {
            throw new FormatException("The key is not a P-256 public key in SubjectPublicKeyInfo form.");
        }

        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        }
        catch (CryptographicException e)
        {
            throw new FormatException("The key is not a point of the curve P-256.", e);
        }

        return new NoteVerifier(name, subjectPublicKeyInfo.ToArray());
    }

    /// <summary>Reads the one-line form <c>name+keyid+base64(type ‖ key)</c>.</summary>
    /// <exception cref="FormatException">It is not such a line, or of an algorithm this build does not verify.</exception>
    public static NoteVerifier Parse(string line)
    {
        var parts = line.Split('+', 3);
        Span<byte> key = stackalloc byte[1024];
        if (parts.Length != 3 || line.Length > 1024 || !Convert.TryFromBase64String(parts[2], key, out var length) || length < 2)
        {
            throw new FormatException("A verifier key is written name+keyid+base64.");
        }

        if (key[0] != Ecdsa)
        {
            throw new FormatException($"Key type 0x{key[0]:x2} is not supported; 0x02 (ECDSA P-256) is.");
        }

        var verifier = FromPublicKey(parts[0], key[1..length]);
        return string.Equals(verifier.ToString(), line, StringComparison.Ordinal)
            ? verifier
            : throw new FormatException("The key id of the verifier key does not belong to its key.");
    }

    public bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(_publicKey, out _);
        return key.VerifyData(text, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>The one-line form <c>name+keyid+base64(type ‖ key)</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}+{KeyId:x8}+{Convert.ToBase64String([Ecdsa, .. _publicKey])}");
}

/// <summary>An ECDSA P-256 key held by this process. Thread-safe.</summary>
public sealed class EcdsaNoteSigner : INoteSigner, IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _gate = new();

    private EcdsaNoteSigner(string name, ECDsa key)
    {
        _key = key;
        Verifier = NoteVerifier.FromPublicKey(name, key.ExportSubjectPublicKeyInfo());
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

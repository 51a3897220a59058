using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Governance.Ledger;

/// <summary>
/// A public key that verifies signed notes (C2SP signed-note): name, 32-bit key id and type. The key id is SHA-256(name ‖ 0x0A ‖ type ‖ key)[..4],
/// and for ECDSA SHA-256(SPKI)[..4]. Immutable, thread-safe.
/// </summary>
public sealed class NoteVerifier
{
    private const int MlDsa44KeySize = 1312;
    private const int LongestLine = 4096;

    // DER of: SEQUENCE { SEQUENCE { ecPublicKey, prime256v1 }, BIT STRING { uncompressed point, 65 bytes } } up to the point's first byte.
    private static readonly byte[] P256Prefix = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
    private readonly byte[] _publicKey;

    private NoteVerifier(string name, NoteKeyType type, byte[] publicKey)
    {
        (Name, Type, _publicKey) = (name, type, publicKey);
        KeyId = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(
            type == NoteKeyType.EcdsaP256 ? publicKey : [.. Encoding.UTF8.GetBytes(name), (byte)'\n', (byte)type, .. publicKey]));
    }

    /// <summary>Non-empty, without white space or plus; for a log this is its origin.</summary>
    public string Name { get; }

    public NoteKeyType Type { get; }

    public uint KeyId { get; }

    /// <summary>Signatures of this key are timestamped statements of a witness about a checkpoint.</summary>
    public bool IsCosigner => Type is NoteKeyType.Ed25519Cosignature or NoteKeyType.MlDsa44Cosignature;

    /// <summary>Null when this system can check signatures of this key; else one sentence that says what it lacks.</summary>
    public string? Unsupported => Type switch
    {
        NoteKeyType.Ed25519 or NoteKeyType.Ed25519Cosignature when !Ed25519.IsSupported => Ed25519.Missing,
        NoteKeyType.MlDsa44Cosignature when !MLDsa.IsSupported => MlDsaCosigner.Missing,
        _ => null,
    };

    /// <param name="publicKey">Ed25519: 32 bytes. ECDSA: SubjectPublicKeyInfo, 91 bytes. ML-DSA-44: 1,312 bytes.</param>
    /// <exception cref="FormatException">The name or the key is not fit for use.</exception>
    public static NoteVerifier Create(string name, NoteKeyType type, ReadOnlySpan<byte> publicKey)
    {
        if (!IsName(name))
        {
            throw new FormatException("A key name is not empty and has no white space and no plus sign.");
        }

        switch (type)
        {
            case NoteKeyType.EcdsaP256:
                CheckP256(publicKey);
                break;
            case NoteKeyType.Ed25519 or NoteKeyType.Ed25519Cosignature when publicKey.Length == Ed25519.KeySize:
            case NoteKeyType.MlDsa44Cosignature when publicKey.Length == MlDsa44KeySize:
                break;
            case NoteKeyType.Ed25519 or NoteKeyType.Ed25519Cosignature or NoteKeyType.MlDsa44Cosignature:
                throw new FormatException("The key does not have the length of its type.");
            default:
                throw new FormatException($"Key type 0x{(byte)type:x2} is not supported; 0x01 (Ed25519), 0x02 (ECDSA P-256), 0x04 and 0x06 (cosignatures) are.");
        }

        return new NoteVerifier(name, type, publicKey.ToArray());
    }

    /// <summary>Reads the one-line form <c>name+keyid+base64(type ‖ key)</c>.</summary>
    /// <exception cref="FormatException">It is not such a line, or of a type this build does not know.</exception>
    public static NoteVerifier Parse(string line)
    {
        var parts = line.Split('+', 3);
        var key = new byte[Math.Min(line.Length, LongestLine)];
        if (parts.Length != 3 || line.Length > LongestLine || !Convert.TryFromBase64String(parts[2], key, out var length) || length < 2)
        {
            throw new FormatException("A verifier key is written name+keyid+base64.");
        }

        var verifier = Create(parts[0], (NoteKeyType)key[0], key.AsSpan(1, length - 1));
        return string.Equals(verifier.ToString(), line, StringComparison.Ordinal)
            ? verifier
            : throw new FormatException("The key id of the verifier key does not belong to its key.");
    }

    /// <summary>False for anything that is not this key's signature over the text.</summary>
    /// <exception cref="PlatformNotSupportedException">This system cannot check this type; see <see cref="Unsupported"/>.</exception>
    public bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        switch (Type)
        {
            case NoteKeyType.EcdsaP256:
                using (var key = ECDsa.Create())
                {
                    key.ImportSubjectPublicKeyInfo(_publicKey, out _);
                    return key.VerifyData(text, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
                }

            case NoteKeyType.Ed25519:
                return Ed25519.Verify(_publicKey, text, signature);
            default:
                return Cosignature.TrySplit(signature, out var time, out var bare)
                    && Cosignature.Message(Type, Name, text, time) is { } message
                    && (Type == NoteKeyType.Ed25519Cosignature ? Ed25519.Verify(_publicKey, message, bare) : MlDsaCosigner.Verify(_publicKey, message, bare));
        }
    }

    /// <summary>The one-line form <c>name+keyid+base64(type ‖ key)</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}+{KeyId:x8}+{Convert.ToBase64String([(byte)Type, .. _publicKey])}");

    /// <summary>Wraps the same public key, under whatever name and type.</summary>
    internal bool HasKeyOf(NoteVerifier other) => _publicKey.AsSpan().SequenceEqual(other._publicKey);

    internal static bool IsName(string name) => name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+');

    private static void CheckP256(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
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
    }
}

using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>
/// An Ed25519 key held by this process, for a log (<see cref="NoteKeyType.Ed25519"/>) or a witness (<see cref="NoteKeyType.Ed25519Cosignature"/>).
/// Needs the system's OpenSSL; without it, making one throws <see cref="PlatformNotSupportedException"/>. Thread-safe.
/// </summary>
public sealed class Ed25519NoteSigner : INoteSigner, ICosigner, IDisposable
{
    // DER of a PKCS#8 private key of algorithm 1.3.101.112 up to the seed (RFC 8410).
    private static readonly byte[] Pkcs8Prefix = Convert.FromHexString("302e020100300506032b657004220420");
    private readonly byte[] _seed;

    private Ed25519NoteSigner(string name, NoteKeyType type, byte[] seed)
    {
        _seed = seed;
        Verifier = NoteVerifier.Create(name, type, Ed25519.PublicKey(seed));
    }

    /// <summary>This system has the calls it needs.</summary>
    public static bool IsSupported => Ed25519.IsSupported;

    public NoteVerifier Verifier { get; }

    /// <summary>A log's key.</summary>
    public static Ed25519NoteSigner Create(string name) => new(name, NoteKeyType.Ed25519, RandomNumberGenerator.GetBytes(Ed25519.KeySize));

    /// <summary>A witness's key.</summary>
    public static Ed25519NoteSigner CreateCosigner(string name) =>
        new(name, NoteKeyType.Ed25519Cosignature, RandomNumberGenerator.GetBytes(Ed25519.KeySize));

    /// <param name="seed">The 32 bytes RFC 8032 calls the private key.</param>
    public static Ed25519NoteSigner FromSeed(string name, NoteKeyType type, ReadOnlySpan<byte> seed) =>
        type is NoteKeyType.Ed25519 or NoteKeyType.Ed25519Cosignature && seed.Length == Ed25519.KeySize
            ? new(name, type, seed.ToArray())
            : throw new ArgumentException("The type is one of Ed25519 and the seed is 32 bytes long.", nameof(seed));

    public byte[] Sign(ReadOnlySpan<byte> text) => Verifier.Type == NoteKeyType.Ed25519
        ? Ed25519.Sign(_seed, text)
        : throw new InvalidOperationException("A witness's key signs checkpoints with a time, nothing else.");

    public byte[] Cosign(Checkpoint checkpoint, DateTimeOffset time)
    {
        if (Verifier.Type != NoteKeyType.Ed25519Cosignature)
        {
            throw new InvalidOperationException("A log's key does not cosign.");
        }

        var seconds = (ulong)time.ToUnixTimeSeconds();
        var message = Cosignature.Message(Verifier.Type, Verifier.Name, System.Text.Encoding.UTF8.GetBytes(checkpoint.ToString()), seconds)!;
        return Cosignature.Join(seconds, Ed25519.Sign(_seed, message));
    }

    /// <summary>PKCS#8 in PEM, as <c>openssl genpkey -algorithm ed25519</c> writes it.</summary>
    public string ExportPem() => PemEncoding.WriteString("PRIVATE KEY", [.. Pkcs8Prefix, .. _seed]);

    public void Dispose() => CryptographicOperations.ZeroMemory(_seed);

    /// <summary>The seed in a PKCS#8 document; null when it is not of this algorithm.</summary>
    internal static byte[]? SeedOf(ReadOnlySpan<byte> pkcs8) =>
        pkcs8.Length == Pkcs8Prefix.Length + Ed25519.KeySize && pkcs8.StartsWith(Pkcs8Prefix) ? pkcs8[Pkcs8Prefix.Length..].ToArray() : null;
}

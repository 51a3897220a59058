using System.Globalization;
using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>
/// The key that seals the key state. Destroying it destroys every copy of the state it sealed, backups included. Implementations may keep it
/// in a vault or a hardware module. Thread-safe.
/// </summary>
public interface IKeyEncryptionKey
{
    /// <summary>Names the key, its version included; no secret. At most 200 characters.</summary>
    string Id { get; }

    /// <summary>Encrypts a 32-byte data key, with authentication.</summary>
    byte[] Wrap(ReadOnlySpan<byte> dataKey);

    /// <summary>Decrypts to 32 bytes; false when it was wrapped by another key or changed.</summary>
    bool TryUnwrap(ReadOnlySpan<byte> wrapped, Span<byte> dataKey);
}

/// <summary>A key-encryption key held by this process: from a file only its owner can read (development), or injected through the environment.</summary>
public sealed class LocalKeyEncryptionKey : IKeyEncryptionKey, IDisposable
{
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private readonly byte[] _key;

    private LocalKeyEncryptionKey(byte[] key, string prefix = "local")
    {
        _key = key;
        Id = prefix + "-" + Convert.ToHexStringLower(SHA256.HashData([.. "governance-ledger/kek-id@v1"u8, .. key]).AsSpan(0, 8));
    }

    public string Id { get; }

    public static LocalKeyEncryptionKey Create() => new(Secret.Random(KeySize));

    /// <summary>Reads the key file (32 bytes), or makes one.</summary>
    /// <exception cref="LedgerUnavailableException">The file is open to other users, of the wrong length, or cannot be used.</exception>
    public static LocalKeyEncryptionKey FromFile(string path)
    {
        var key = Secret.CopyOf(OwnerOnlyFile.ReadOrCreate(path, () => RandomNumberGenerator.GetBytes(KeySize)));
        return key.Length == KeySize
            ? new LocalKeyEncryptionKey(key)
            : throw new LedgerUnavailableException($"{path} must hold exactly {KeySize} random bytes.");
    }

    /// <summary>A key that a vault's agent gave; null unless it is 32 bytes in base64.</summary>
    internal static LocalKeyEncryptionKey? FromBase64(ReadOnlySpan<char> text, int version)
    {
        var key = Secret.Allocate(KeySize);
        return Convert.TryFromBase64Chars(text, key, out var length) && length == KeySize
            ? new LocalKeyEncryptionKey(key, string.Create(CultureInfo.InvariantCulture, $"injected-v{version}"))
            : null;
    }

    public byte[] Wrap(ReadOnlySpan<byte> dataKey)
    {
        var wrapped = new byte[NonceSize + dataKey.Length + TagSize];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceSize));
        using var aes = new AesGcm(_key, TagSize);
        aes.Encrypt(wrapped.AsSpan(0, NonceSize), dataKey, wrapped.AsSpan(NonceSize, dataKey.Length), wrapped.AsSpan(NonceSize + dataKey.Length));
        return wrapped;
    }

    public bool TryUnwrap(ReadOnlySpan<byte> wrapped, Span<byte> dataKey)
    {
        if (wrapped.Length != NonceSize + dataKey.Length + TagSize)
        {
            return false;
        }

        try
        {
            using var aes = new AesGcm(_key, TagSize);
            aes.Decrypt(wrapped[..NonceSize], wrapped[NonceSize..^TagSize], wrapped[^TagSize..], dataKey);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => Secret.Erase(_key);
}

using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>
/// AES-256-GCM under a new key for every message, which the platform's class would need a new object for. One for each thread; not
/// thread-safe. After each message the key schedule is overwritten.
/// </summary>
internal sealed unsafe class GcmSealer : IDisposable
{
    public const int KeySize = 32;
    public const int NonceSize = 12;
    public const int TagSize = 16;
    private const int GetTag = 0x10;
    private static readonly byte[] NoKey = new byte[KeySize];

    [ThreadStatic]
    private static GcmSealer? _ofThread;

    private nint _context;

    public GcmSealer(bool native)
    {
        if (native)
        {
            _context = LibCrypto.CipherNew();
            if (_context == 0 || LibCrypto.EncryptInit(_context, LibCrypto.Aes256Gcm(), 0, null, null) != 1)
            {
                throw new CryptographicException("OpenSSL has no AES-256-GCM.");
            }
        }
    }

    ~GcmSealer() => Free();

    public static GcmSealer OfThread => _ofThread ??= new GcmSealer(LibCrypto.IsAvailable);

    /// <summary>Encrypts <paramref name="plaintext"/> to <paramref name="ciphertext"/>, which may be the same memory.</summary>
    public void Seal(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData)
    {
        if (key.Length != KeySize || nonce.Length != NonceSize || tag.Length != TagSize || ciphertext.Length != plaintext.Length)
        {
            throw new ArgumentException("Key, nonce, tag or ciphertext is of a wrong length.");
        }

        if (_context == 0)
        {
            using var aes = new AesGcm(key, TagSize);
            aes.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);
            return;
        }

        int written;
        fixed (byte* k = key, n = nonce, p = plaintext, c = ciphertext, t = tag, a = associatedData, none = NoKey)
        {
            var done = LibCrypto.EncryptInit(_context, 0, 0, k, n) == 1
                && (associatedData.IsEmpty || LibCrypto.EncryptUpdate(_context, null, &written, a, associatedData.Length) == 1)
                && (plaintext.IsEmpty || (LibCrypto.EncryptUpdate(_context, c, &written, p, plaintext.Length) == 1 && written == plaintext.Length))
                && LibCrypto.EncryptFinal(_context, t, &written) == 1
                && LibCrypto.CipherControl(_context, GetTag, TagSize, t) == 1;
            done &= LibCrypto.EncryptInit(_context, 0, 0, none, n) == 1;
            GC.KeepAlive(this);
            if (!done)
            {
                CryptographicOperations.ZeroMemory(ciphertext);
                throw new CryptographicException("OpenSSL did not encrypt.");
            }
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_context != 0)
        {
            LibCrypto.CipherFree(_context);
            _context = 0;
        }
    }
}

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

    private readonly LibCrypto.CipherHandle? _handle;

    public GcmSealer(bool native)
    {
        if (native)
        {
            _handle = new LibCrypto.CipherHandle();
            if (_handle.IsInvalid || LibCrypto.EncryptInit(_handle.DangerousGetHandle(), LibCrypto.Aes256Gcm(), 0, null, null) != 1)
            {
                throw new CryptographicException("OpenSSL has no AES-256-GCM.");
            }
        }
    }

    public static GcmSealer OfThread => _ofThread ??= new GcmSealer(LibCrypto.IsAvailable);

    /// <summary>Encrypts <paramref name="plaintext"/> to <paramref name="ciphertext"/>, which may be the same memory.</summary>
    public void Seal(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData)
    {
        if (key.Length != KeySize || nonce.Length != NonceSize || tag.Length != TagSize || ciphertext.Length != plaintext.Length)
        {
            throw new ArgumentException("Key, nonce, tag or ciphertext is of a wrong length.", nameof(key));
        }

        if (_handle is null)
        {
            using var aes = new AesGcm(key, TagSize);
            aes.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);
            return;
        }

        int written;
        var context = _handle.DangerousGetHandle();
        fixed (byte* k = key, n = nonce, p = plaintext, c = ciphertext, t = tag, a = associatedData, none = NoKey)
        {
            var done = LibCrypto.EncryptInit(context, 0, 0, k, n) == 1
                && (associatedData.IsEmpty || LibCrypto.EncryptUpdate(context, null, &written, a, associatedData.Length) == 1)
                && (plaintext.IsEmpty || (LibCrypto.EncryptUpdate(context, c, &written, p, plaintext.Length) == 1 && written == plaintext.Length))
                && LibCrypto.EncryptFinal(context, t, &written) == 1
                && LibCrypto.CipherControl(context, GetTag, TagSize, t) == 1;
            done &= LibCrypto.EncryptInit(context, 0, 0, none, n) == 1;
            GC.KeepAlive(_handle);
            if (!done)
            {
                CryptographicOperations.ZeroMemory(ciphertext);
                throw new CryptographicException("OpenSSL did not encrypt.");
            }
        }
    }

    public void Dispose() => _handle?.Dispose();
}

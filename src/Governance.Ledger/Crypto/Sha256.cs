using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>SHA-256 (FIPS 180-4), HMAC (RFC 2104) and HKDF (RFC 5869) of short inputs, without allocation. Thread-safe.</summary>
internal static unsafe class Sha256
{
    public const int Size = 32;
    private const int Block = 64;
    private const int Short = 512;

    /// <summary>The hash of <paramref name="prefix"/> ‖ <paramref name="data"/>.</summary>
    public static void Hash(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> hash)
    {
        if (LibCrypto.IsAvailable)
        {
            HashNatively(prefix, data, hash);
        }
        else
        {
            HashPortably(prefix, data, hash);
        }
    }

    public static void Hash(ReadOnlySpan<byte> data, Span<byte> hash) => Hash([], data, hash);

    /// <summary>HMAC-SHA256. The key is at most one block, 64 bytes, long.</summary>
    public static void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac)
    {
        if (!LibCrypto.IsAvailable || key.Length > Block)
        {
            HMACSHA256.HashData(key, data, mac);
            return;
        }

        LibCrypto.ShaState state;
        Span<byte> pad = stackalloc byte[Block];
        Pad(key, 0x36, pad);
        Begin(&state);
        Update(&state, pad);
        Update(&state, data);
        Span<byte> inner = stackalloc byte[Size];
        Final(&state, inner);
        Pad(key, 0x5c, pad);
        Begin(&state);
        Update(&state, pad);
        Update(&state, inner);
        Final(&state, mac);
        CryptographicOperations.ZeroMemory(pad);
        CryptographicOperations.ZeroMemory(inner);
        CryptographicOperations.ZeroMemory(new Span<byte>(&state, sizeof(LibCrypto.ShaState)));
    }

    /// <summary>HKDF with an output of 32 bytes. Salt at most 64 bytes, info at most 63.</summary>
    public static void DeriveKey(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, Span<byte> key)
    {
        Span<byte> pseudoRandom = stackalloc byte[Size];
        Span<byte> expand = stackalloc byte[Block];
        Hmac(salt, secret, pseudoRandom);
        info.CopyTo(expand);
        expand[info.Length] = 1;
        Hmac(pseudoRandom, expand[..(info.Length + 1)], key);
        CryptographicOperations.ZeroMemory(pseudoRandom);
    }

    internal static void HashNatively(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> hash)
    {
        LibCrypto.ShaState state;
        Begin(&state);
        Update(&state, prefix);
        Update(&state, data);
        Final(&state, hash);
    }

    internal static void HashPortably(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> hash)
    {
        const int OnStack = 1024;
        var length = prefix.Length + data.Length;
        var rented = length <= OnStack ? null : ArrayPool<byte>.Shared.Rent(length);
        var whole = rented is null ? stackalloc byte[OnStack] : rented;
        prefix.CopyTo(whole);
        data.CopyTo(whole[prefix.Length..]);
        SHA256.HashData(whole[..length], hash);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    private static void Pad(ReadOnlySpan<byte> key, byte value, Span<byte> pad)
    {
        pad.Fill(value);
        for (var i = 0; i < key.Length; i++)
        {
            pad[i] ^= key[i];
        }
    }

    private static void Begin(LibCrypto.ShaState* state) => Check(LibCrypto.ShaInit(state));

    private static void Check(int done)
    {
        if (done != 1)
        {
            throw new CryptographicException("OpenSSL did not hash.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Update(LibCrypto.ShaState* state, ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data)
        {
            Check(data.Length <= Short
                ? LibCrypto.ShaUpdateShort(state, bytes, (nuint)data.Length)
                : LibCrypto.ShaUpdate(state, bytes, (nuint)data.Length));
        }
    }

    private static void Final(LibCrypto.ShaState* state, Span<byte> hash)
    {
        if (hash.Length < Size)
        {
            throw new ArgumentException("A hash needs 32 bytes.", nameof(hash));
        }

        fixed (byte* bytes = hash)
        {
            Check(LibCrypto.ShaFinal(bytes, state));
        }
    }
}

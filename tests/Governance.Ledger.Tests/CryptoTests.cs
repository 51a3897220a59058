using System.Security.Cryptography;

namespace Governance.Ledger.Tests;

/// <summary>The ledger's own calls of the system's cryptography give what the platform's classes give, and the published answers.</summary>
public sealed class CryptoTests
{
    [Fact]
    public void Linux_with_OpenSSL_3_takes_the_fast_path()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && SafeEvpPKeyHandle.OpenSslVersion >= 0x3000_0000L, "no OpenSSL 3 here");
        Assert.True(LibCrypto.IsAvailable);
    }

    [Fact]
    public void Hashes_equal_the_platforms_for_every_length_around_the_blocks()
    {
        var data = RandomNumberGenerator.GetBytes(4097);
        Span<byte> hash = stackalloc byte[32];
        foreach (var length in Enumerable.Range(0, 300).Concat([511, 512, 513, 1023, 1024, 1025, 4097]))
        {
            Sha256.Hash(data.AsSpan(0, length), hash);
            Assert.Equal(SHA256.HashData(data.AsSpan(0, length)), hash.ToArray());
            Sha256.Hash([7], data.AsSpan(0, length), hash);
            Assert.Equal(SHA256.HashData([7, .. data.AsSpan(0, length)]), hash.ToArray());
            Sha256.HashPortably([7], data.AsSpan(0, length), hash);
            Assert.Equal(SHA256.HashData([7, .. data.AsSpan(0, length)]), hash.ToArray());
            var key = RandomNumberGenerator.GetBytes(length % 70);
            Sha256.Hmac(key, data.AsSpan(0, length), hash);
            Assert.Equal(HMACSHA256.HashData(key, data.AsSpan(0, length)), hash.ToArray());
        }
    }

    // RFC 5869, A.1 has a longer output; this is its first 32 bytes.
    [Fact]
    public void Key_derivation_gives_RFC_5869s_answer_and_the_platforms()
    {
        Span<byte> key = stackalloc byte[32];
        var secret = Enumerable.Repeat((byte)0x0b, 22).ToArray();
        Sha256.DeriveKey(secret, Convert.FromHexString("000102030405060708090a0b0c"), Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9"), key);
        Assert.Equal("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf", Convert.ToHexStringLower(key));
        for (var i = 0; i < 60; i++)
        {
            var (ikm, salt, info) = (RandomNumberGenerator.GetBytes(16), RandomNumberGenerator.GetBytes(i), RandomNumberGenerator.GetBytes(i));
            Sha256.DeriveKey(ikm, salt, info, key);
            Assert.Equal(HKDF.DeriveKey(HashAlgorithmName.SHA256, ikm, 32, salt, info), key.ToArray());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1056)]
    [InlineData(100_000)]
    public void What_is_sealed_the_platform_opens(int length)
    {
        using var native = new GcmSealer(LibCrypto.IsAvailable);
        using var portable = new GcmSealer(native: false);
        var plaintext = RandomNumberGenerator.GetBytes(length);
        for (var i = 0; i < 20; i++)
        {
            var (key, nonce, associated) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(12), RandomNumberGenerator.GetBytes(i));
            var (inPlace, tag) = (plaintext.ToArray(), new byte[16]);
            native.Seal(key, nonce, inPlace, inPlace, tag, associated);
            var (ciphertext, expected) = (new byte[length], new byte[16]);
            portable.Seal(key, nonce, plaintext, ciphertext, expected, associated);
            Assert.Equal(ciphertext, inPlace);
            Assert.Equal(expected, tag);
        }
    }

    [Fact]
    public void Random_bytes_are_handed_out_once()
    {
        var seen = new HashSet<UInt128>();
        Span<byte> bytes = stackalloc byte[16];
        for (var i = 0; i < 5000; i++)
        {
            RandomPool.Fill(bytes);
            Assert.True(seen.Add(KeyRef.Read(bytes).Value));
        }

        var large = new byte[10_000];
        RandomPool.Fill(large);
        Assert.True(large.Distinct().Count() > 200);
    }
}

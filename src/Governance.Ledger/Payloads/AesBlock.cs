using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;
using AesLibrary = System.Security.Cryptography.Aes;

namespace Governance.Ledger;

/// <summary>
/// AES-128 on one block under a key used once (FIPS 197): what a key tree is made of. By the processor's instructions where it has them,
/// which also makes it constant-time; by the platform's library elsewhere.
/// </summary>
internal static class AesBlock
{
    public const int Size = 16;

    public static bool IsFast => AesInstructions.IsSupported && Ssse3.IsSupported;

    public static void Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> block, Span<byte> destination)
    {
        if (!IsFast)
        {
            EncryptPortably(key, block, destination);
            return;
        }

        EncryptFast(Vector128.Create(key[..Size]), Vector128.Create(block[..Size])).CopyTo(destination);
    }

    /// <summary>By the processor's instructions; only where <see cref="IsFast"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> EncryptFast(Vector128<byte> key, Vector128<byte> block)
    {
        var state = Sse2.Xor(block, key);
        state = AesInstructions.Encrypt(state, key = Next(key, 0x01));
        state = AesInstructions.Encrypt(state, key = Next(key, 0x02));
        state = AesInstructions.Encrypt(state, key = Next(key, 0x04));
        state = AesInstructions.Encrypt(state, key = Next(key, 0x08));
        state = AesInstructions.Encrypt(state, key = Next(key, 0x10));
        state = AesInstructions.Encrypt(state, key = Next(key, 0x20));
        state = AesInstructions.Encrypt(state, key = Next(key, 0x40));
        state = AesInstructions.Encrypt(state, key = Next(key, 0x80));
        state = AesInstructions.Encrypt(state, key = Next(key, 0x1b));
        return AesInstructions.EncryptLast(state, Next(key, 0x36));
    }

    internal static void EncryptPortably(ReadOnlySpan<byte> key, ReadOnlySpan<byte> block, Span<byte> destination)
    {
        using var aes = AesLibrary.Create();
        aes.SetKey(key[..Size]);
        aes.EncryptEcb(block[..Size], destination[..Size], PaddingMode.None);
    }

    // The next round key. All four columns hold the rotated last word, so the last round's row shift does nothing and what is left of it is the
    // substitution; it waits three cycles where the instruction made for key schedules waits four times as long.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Next(Vector128<byte> key, uint constant)
    {
        var rotated = Ssse3.Shuffle(key, Vector128.Create(0x0c0f0e0du).AsByte());
        var word = AesInstructions.EncryptLast(rotated, Vector128.Create(constant).AsByte());
        key = Sse2.Xor(key, Sse2.ShiftLeftLogical128BitLane(key, 4));
        key = Sse2.Xor(key, Sse2.ShiftLeftLogical128BitLane(key, 8));
        return Sse2.Xor(key, word);
    }
}

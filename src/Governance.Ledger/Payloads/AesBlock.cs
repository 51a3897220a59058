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

    public static void Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> block, Span<byte> destination)
    {
        if (!AesInstructions.IsSupported)
        {
            EncryptPortably(key, block, destination);
            return;
        }

        var k = Vector128.Create(key[..Size]);
        var state = Sse2.Xor(Vector128.Create(block[..Size]), k);
        state = AesInstructions.Encrypt(state, k = Next(k, AesInstructions.KeygenAssist(k, 0x01)));
        state = AesInstructions.Encrypt(state, k = Next(k, AesInstructions.KeygenAssist(k, 0x02)));
        state = AesInstructions.Encrypt(state, k = Next(k, AesInstructions.KeygenAssist(k, 0x04)));
        state = AesInstructions.Encrypt(state, k = Next(k, AesInstructions.KeygenAssist(k, 0x08)));
        state = AesInstructions.Encrypt(state, k = Next(k, AesInstructions.KeygenAssist(k, 0x10)));
        state = AesInstructions.Encrypt(state, k = Next(k, AesInstructions.KeygenAssist(k, 0x20)));
        state = AesInstructions.Encrypt(state, k = Next(k, AesInstructions.KeygenAssist(k, 0x40)));
        state = AesInstructions.Encrypt(state, k = Next(k, AesInstructions.KeygenAssist(k, 0x80)));
        state = AesInstructions.Encrypt(state, k = Next(k, AesInstructions.KeygenAssist(k, 0x1b)));
        AesInstructions.EncryptLast(state, Next(k, AesInstructions.KeygenAssist(k, 0x36))).CopyTo(destination);
    }

    internal static void EncryptPortably(ReadOnlySpan<byte> key, ReadOnlySpan<byte> block, Span<byte> destination)
    {
        using var aes = AesLibrary.Create();
        aes.SetKey(key[..Size]);
        aes.EncryptEcb(block[..Size], destination[..Size], PaddingMode.None);
    }

    private static Vector128<byte> Next(Vector128<byte> key, Vector128<byte> assist)
    {
        key = Sse2.Xor(key, Sse2.ShiftLeftLogical128BitLane(key, 4));
        key = Sse2.Xor(key, Sse2.ShiftLeftLogical128BitLane(key, 8));
        return Sse2.Xor(key, Sse2.Shuffle(assist.AsInt32(), 0xff).AsByte());
    }
}

using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>Key material in memory that the collector never moves or copies and that is overwritten when it is no longer needed.</summary>
internal static class Secret
{
    public static byte[] Allocate(int length) => GC.AllocateArray<byte>(length, pinned: true);

    public static byte[] Random(int length)
    {
        var secret = Allocate(length);
        RandomNumberGenerator.Fill(secret);
        return secret;
    }

    public static byte[] CopyOf(ReadOnlySpan<byte> bytes)
    {
        var secret = Allocate(bytes.Length);
        bytes.CopyTo(secret);
        return secret;
    }

    public static void Erase(byte[] secret) => CryptographicOperations.ZeroMemory(secret);
}

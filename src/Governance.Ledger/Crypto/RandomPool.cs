using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>
/// Random bytes from the system's generator, drawn in larger pieces because each draw has a price of its own. What was handed out is
/// overwritten. Thread-safe: each thread has its own.
/// </summary>
internal static class RandomPool
{
    private const int Size = 4096;

    [ThreadStatic]
    private static byte[]? _bytes;

    [ThreadStatic]
    private static int _left;

    public static void Fill(Span<byte> destination)
    {
        if (destination.Length > Size)
        {
            RandomNumberGenerator.Fill(destination);
            return;
        }

        var bytes = _bytes ??= Secret.Allocate(Size);
        if (_left < destination.Length)
        {
            RandomNumberGenerator.Fill(bytes);
            _left = Size;
        }

        var taken = bytes.AsSpan(_left - destination.Length, destination.Length);
        taken.CopyTo(destination);
        CryptographicOperations.ZeroMemory(taken);
        _left -= destination.Length;
    }
}

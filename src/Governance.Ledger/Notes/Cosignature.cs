using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Governance.Ledger;

/// <summary>
/// The bytes of C2SP tlog-cosignature: a signature is a big-endian u64 of Unix seconds, then the algorithm's signature over a message that
/// repeats the time. Pure functions.
/// </summary>
internal static class Cosignature
{
    public const int TimeSize = 8;

    /// <summary>What a key of <paramref name="type"/> named <paramref name="name"/> signs; null when the text is not a checkpoint that it can sign.</summary>
    public static byte[]? Message(NoteKeyType type, string name, ReadOnlySpan<byte> text, ulong time)
    {
        if (type == NoteKeyType.Ed25519Cosignature)
        {
            return [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {time}\n")), .. text];
        }

        return Checkpoint.Parse(Encoding.UTF8.GetString(text)) is { } checkpoint
            && Encoding.UTF8.GetBytes(name) is { Length: <= byte.MaxValue } cosigner
            && Encoding.UTF8.GetBytes(checkpoint.Origin) is { Length: <= byte.MaxValue } origin
                ? Subtree(cosigner, time, origin, checkpoint)
                : null;
    }

    /// <summary>Splits a signature; false when it is too short to hold a time, or the time is not one.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> timestamped, out ulong time, out ReadOnlySpan<byte> signature)
    {
        var whole = timestamped.Length > TimeSize;
        time = whole ? BinaryPrimitives.ReadUInt64BigEndian(timestamped) : ulong.MaxValue;
        signature = whole ? timestamped[TimeSize..] : default;
        return time <= long.MaxValue;
    }

    public static byte[] Join(ulong time, ReadOnlySpan<byte> signature)
    {
        var joined = new byte[TimeSize + signature.Length];
        BinaryPrimitives.WriteUInt64BigEndian(joined, time);
        signature.CopyTo(joined.AsSpan(TimeSize));
        return joined;
    }

    // cosigned_message: label, cosigner name, time, log origin, first and end index, root. Names follow their length in one byte.
    private static byte[] Subtree(byte[] cosigner, ulong time, byte[] origin, Checkpoint checkpoint)
    {
        var numbers = new byte[3 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(numbers, time);
        BinaryPrimitives.WriteUInt64BigEndian(numbers.AsSpan(16), (ulong)checkpoint.Size);
        return
        [
            .. "subtree/v1\n\0"u8, (byte)cosigner.Length, .. cosigner, .. numbers[..8], (byte)origin.Length, .. origin, .. numbers[8..],
            .. checkpoint.Root.ToArray(),
        ];
    }
}

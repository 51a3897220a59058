namespace Governance.Ledger;

internal delegate void PayloadVisitor(long offset, ReadOnlySpan<byte> frame);

/// <summary>Finds the whole frames of a payload file, stepping over holes and damage byte by byte.</summary>
internal static class PayloadScan
{
    /// <summary>A filter for those who have no keys: only shape and checksum can be judged.</summary>
    public static bool Plausible(long offset, KeyRef keyRef) => true;

    /// <param name="belongs">Whether a frame of this reference belongs at this offset; asked before the checksum is computed.</param>
    public static void Scan(IFile file, Func<long, KeyRef, bool> belongs, PayloadVisitor visit)
    {
        const int Largest = PayloadFrame.HeaderSize + PayloadFrame.Overhead + PayloadStore.MaximumPlaintext;
        const int Stride = 4096;
        var buffer = new byte[1 << 20];
        var (start, filled) = (0L, 0);
        var length = file.Length;
        ReadOnlySpan<byte> Window(long at, long count)
        {
            if (count > length - at || count > Largest)
            {
                return default;
            }

            if (at < start || at + count > start + filled)
            {
                if (count > buffer.Length)
                {
                    buffer = new byte[count];
                }

                start = at;
                filled = file.Read(at, buffer);
            }

            return buffer.AsSpan((int)(at - start), (int)count);
        }

        for (long at = 0; at + PayloadFrame.HeaderSize <= length;)
        {
            var header = Window(at, PayloadFrame.HeaderSize);
            if (PayloadFrame.HasKnownState(header)
                && belongs(at, PayloadFrame.KeyRefOf(header))
                && Window(at, PayloadFrame.HeaderSize + (long)PayloadFrame.SealedLength(header)) is { IsEmpty: false } frame
                && PayloadFrame.ChecksumHolds(frame))
            {
                visit(at, frame);
                at += frame.Length;
            }
            else
            {
                // A frame's fifth byte is not zero: a run of zeros is stepped over at once.
                var ahead = (int)Math.Min(Stride, length - at);
                var zeros = Window(at, ahead).IndexOfAnyExcept((byte)0);
                at += Math.Max(1, (zeros < 0 ? ahead : zeros) - 4);
            }
        }
    }
}

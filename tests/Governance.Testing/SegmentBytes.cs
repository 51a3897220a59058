namespace Governance.Testing;

/// <summary>What a segment file of a log holds while it is written.</summary>
public static class SegmentBytes
{
    /// <summary>The length of a segment without the zeros that lie ahead; its last entry must not end in one.</summary>
    public static int Written(ReadOnlySpan<byte> segment) => segment.LastIndexOfAnyExcept((byte)0) + 1;
}

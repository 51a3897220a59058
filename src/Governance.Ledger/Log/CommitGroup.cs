namespace Governance.Ledger;

/// <summary>Appends that will share one write and one flush. Filled under the log's lock, then owned by the writer thread, then reused.</summary>
internal sealed class CommitGroup(int maximumBytes)
{
    private byte[] _bytes = new byte[64 * 1024];
    private MerkleHash[] _leaves = new MerkleHash[256];
    private readonly List<(int Start, long First)> _frames = [];
    private readonly List<PendingAppend> _waiting = [];
    private readonly List<(long First, TaskCompletionSource<long> Fate)> _fates = [];

    /// <summary>Bytes of the frames, headers included.</summary>
    public int Length { get; private set; }

    /// <summary>Entries in the group.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a caller waits for the group.</summary>
    public bool IsAwaited => _waiting.Count > 0;

    /// <summary>Entries in the group that nobody waits for.</summary>
    public int Taken { get; private set; }

    /// <summary>When the first of those was added.</summary>
    public long TakenSince { get; private set; }

    /// <summary>False, and nothing is added, when the group would grow beyond its limit. Else <see cref="Await"/> or <see cref="Take"/> follows.</summary>
    public bool TryAdd(ReadOnlySpan<ReadOnlyMemory<byte>> entries, int bodyLength, ReadOnlySpan<MerkleHash> leaves, long firstIndex)
    {
        var end = Length + Frame.HeaderSize + bodyLength;
        if (end > maximumBytes)
        {
            return false;
        }

        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Min(maximumBytes, Math.Max(end, 2 * _bytes.Length)));
        }

        if (Count + leaves.Length > _leaves.Length)
        {
            Array.Resize(ref _leaves, Math.Max(Count + leaves.Length, 2 * _leaves.Length));
        }

        _frames.Add((Length, firstIndex));
        var at = Length + Frame.HeaderSize;
        foreach (var entry in entries)
        {
            Frame.WriteEntry(_bytes.AsSpan(at), entry.Span);
            at += 2 + entry.Length;
        }

        leaves.CopyTo(_leaves.AsSpan(Count));
        Count += leaves.Length;
        Length = end;
        return true;
    }

    /// <summary>Whom to tell of the append that was added last.</summary>
    public void Await(PendingAppend append) => _waiting.Add(append);

    /// <summary>Nobody waits for the append that was added last.</summary>
    /// <param name="fate">Is set to <paramref name="first"/> when it is durable, to -1 when it never will be; null when nobody wants to know.</param>
    public void Take(long first, int entries, long now, TaskCompletionSource<long>? fate)
    {
        TakenSince = Taken == 0 ? now : TakenSince;
        Taken += entries;
        if (fate is not null)
        {
            _fates.Add((first, fate));
        }
    }

    /// <summary>Completes the frame headers and returns the bytes to write.</summary>
    public ReadOnlySpan<byte> Seal(long durableSize)
    {
        for (var i = 0; i < _frames.Count; i++)
        {
            var end = i + 1 < _frames.Count ? _frames[i + 1].Start : Length;
            Frame.Seal(_bytes.AsSpan(_frames[i].Start, end - _frames[i].Start), _frames[i].First, durableSize);
        }

        return _bytes.AsSpan(0, Length);
    }

    public Span<MerkleHash> Leaves => _leaves.AsSpan(0, Count);

    /// <summary>The offsets of all entries, for a group written at <paramref name="position"/>, into <paramref name="offsets"/>.</summary>
    public void WriteOffsets(long position, Span<byte> offsets)
    {
        for (var i = 0; i < _frames.Count; i++)
        {
            var end = i + 1 < _frames.Count ? _frames[i + 1].Start : Length;
            for (var at = _frames[i].Start + Frame.HeaderSize; at < end;)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(offsets, (uint)(position + at));
                offsets = offsets[sizeof(uint)..];
                at += 2 + System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(at));
            }
        }
    }

    /// <summary>Tells the callers, with null that the group is durable, else what the storage said. The group may be reused after <see cref="Reset"/>.</summary>
    public void Complete(string? failure)
    {
        Completion.Of(_waiting, failure);
        foreach (var (first, fate) in _fates)
        {
            fate.SetResult(failure is null ? first : -1);
        }
    }

    public void Reset()
    {
        (Length, Count, Taken) = (0, 0, 0);
        _frames.Clear();
        _waiting.Clear();
        _fates.Clear();
    }
}

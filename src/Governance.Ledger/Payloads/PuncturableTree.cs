using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Governance.Ledger;

/// <summary>
/// A key for every 64-bit path, from one random root, such that single paths can be destroyed: the tree pseudorandom function of Goldreich,
/// Goldwasser and Micali (1986) with AES-128, child b of a node being AES(node, b), punctured by keeping the co-path instead of the root.
/// Held as the disjoint subtrees that are left, in path order. Immutable but for <see cref="Dispose"/>, which overwrites the keys.
/// </summary>
internal sealed class PuncturableTree : IDisposable
{
    public const int KeySize = AesBlock.Size;
    private const int Depth = 64;
    private const int GapSize = 2 * sizeof(ulong);
    private const int PlacedNodeSize = sizeof(ulong) + 1 + KeySize;

    private readonly ulong[] _starts;
    private readonly byte[] _depths;
    private readonly byte[] _keys;

    private PuncturableTree(ulong[] starts, byte[] depths, byte[] keys, int count)
    {
        (_starts, _depths, _keys, Count) = (starts, depths, keys, count);
    }

    /// <summary>Subtrees held: 1 when nothing was punctured, at most 64 more for each punctured path.</summary>
    public int Count { get; }

    /// <summary>Bytes that <see cref="Write"/> produces: the keys, and 16 for each run of neighbouring paths that were punctured.</summary>
    public int StoredSize => 2 * sizeof(int) + Gaps().Count() * GapSize + Count * KeySize;

    public static PuncturableTree Create() => new([0], [0], Secret.Random(KeySize), 1);

    /// <summary>Writes the path's key to <paramref name="key"/> (16 bytes); false when the path was punctured.</summary>
    public bool TryDerive(ulong path, Span<byte> key)
    {
        var node = Array.BinarySearch(_starts, 0, Count, path);
        node = node < 0 ? ~node - 1 : node;
        if (node < 0 || !Covers(_starts[node], _depths[node], path))
        {
            return false;
        }

        if (AesBlock.IsFast)
        {
            Descend(_keys.AsSpan(node * KeySize, KeySize), path, _depths[node], key);
            return true;
        }

        _keys.AsSpan(node * KeySize, KeySize).CopyTo(key);
        for (int depth = _depths[node]; depth < Depth; depth++)
        {
            Child(key, (path >> (Depth - 1 - depth)) & 1, key);
        }

        return true;
    }

    /// <summary>A tree without the given paths. This tree stays as it is; dispose it once the new one is safely stored.</summary>
    public PuncturableTree Puncture(params ReadOnlySpan<ulong> paths)
    {
        var sorted = paths.ToArray();
        Array.Sort(sorted);
        var builder = new Builder(Count + Math.Min(sorted.Length, 1024) * Depth);
        ReadOnlySpan<ulong> left = sorted;
        for (var node = 0; node < Count; node++)
        {
            while (!left.IsEmpty && left[0] < _starts[node])
            {
                left = left[1..];
            }

            var inside = 0;
            while (inside < left.Length && Covers(_starts[node], _depths[node], left[inside]))
            {
                inside++;
            }

            Split(_starts[node], _depths[node], _keys.AsSpan(node * KeySize, KeySize), left[..inside], builder);
            left = left[inside..];
        }

        return builder.Build();
    }

    /// <summary>
    /// Count of keys i32, count of gaps i32, the gaps (first and last punctured path, u64 each), the keys in path order. Where the subtrees lie
    /// follows from the gaps: between two of them stand the largest subtrees that fit.
    /// </summary>
    public void Write(Span<byte> destination)
    {
        var gaps = Gaps().ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(destination, Count);
        BinaryPrimitives.WriteInt32LittleEndian(destination[sizeof(int)..], gaps.Length);
        destination = destination[(2 * sizeof(int))..];
        foreach (var (first, last) in gaps)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination, first);
            BinaryPrimitives.WriteUInt64LittleEndian(destination[sizeof(ulong)..], last);
            destination = destination[GapSize..];
        }

        _keys.AsSpan(0, Count * KeySize).CopyTo(destination);
    }

    /// <summary>Reads what <see cref="Write"/> wrote and moves <paramref name="source"/> past it.</summary>
    /// <exception cref="InvalidDataException">It is not a tree.</exception>
    public static PuncturableTree Read(ref ReadOnlySpan<byte> source)
    {
        var count = TakeCount(ref source);
        var gaps = TakeCount(ref source);
        if (source.Length < (long)gaps * GapSize + (long)count * KeySize)
        {
            throw new InvalidDataException("The key tree is truncated.");
        }

        var (starts, depths) = (new ulong[count], new byte[count]);
        var (placed, next) = (0, UInt128.Zero);
        for (var gap = 0; gap < gaps; gap++, source = source[GapSize..])
        {
            var (first, last) = (BinaryPrimitives.ReadUInt64LittleEndian(source), BinaryPrimitives.ReadUInt64LittleEndian(source[sizeof(ulong)..]));
            if (first < next || last < first)
            {
                throw new InvalidDataException("The key tree is out of order.");
            }

            Place(next, first, starts, depths, ref placed);
            next = (UInt128)last + 1;
        }

        Place(next, UInt128.One << Depth, starts, depths, ref placed);
        if (placed != count)
        {
            throw new InvalidDataException("The key tree has more keys than places.");
        }

        var keys = Secret.CopyOf(source[..(count * KeySize)]);
        source = source[keys.Length..];
        return new PuncturableTree(starts, depths, keys, count);
    }

    /// <summary>Reads the form of key states before version 3, in which every key has its place before it.</summary>
    /// <exception cref="InvalidDataException">It is not a tree.</exception>
    public static PuncturableTree ReadPlaced(ref ReadOnlySpan<byte> source)
    {
        var count = TakeCount(ref source);
        if (source.Length / PlacedNodeSize < count)
        {
            throw new InvalidDataException("The key tree is truncated.");
        }

        var (starts, depths, keys) = (new ulong[count], new byte[count], Secret.Allocate(count * KeySize));
        for (var node = 0; node < count; node++, source = source[PlacedNodeSize..])
        {
            starts[node] = BinaryPrimitives.ReadUInt64LittleEndian(source);
            depths[node] = source[sizeof(ulong)];
            source.Slice(sizeof(ulong) + 1, KeySize).CopyTo(keys.AsSpan(node * KeySize));
            if (depths[node] > Depth || (node > 0 && starts[node] <= starts[node - 1]))
            {
                throw new InvalidDataException("The key tree is out of order.");
            }
        }

        return new PuncturableTree(starts, depths, keys, count);
    }

    public void Dispose() => Secret.Erase(_keys);

    private static int TakeCount(ref ReadOnlySpan<byte> source)
    {
        var count = source.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(source);
        if (count < 0)
        {
            throw new InvalidDataException("The key tree is truncated.");
        }

        source = source[sizeof(int)..];
        return count;
    }

    // Fills the paths from `next` to before `end` with the largest aligned subtrees, in order.
    private static void Place(UInt128 next, UInt128 end, ulong[] starts, byte[] depths, ref int placed)
    {
        while (next < end)
        {
            var height = Math.Min(Depth, (int)UInt128.TrailingZeroCount(next));
            while (UInt128.One << height > end - next)
            {
                height--;
            }

            if (placed == starts.Length)
            {
                throw new InvalidDataException("The key tree has more places than keys.");
            }

            (starts[placed], depths[placed++]) = ((ulong)next, (byte)(Depth - height));
            next += UInt128.One << height;
        }
    }

    // Runs of punctured paths: what the subtrees leave uncovered.
    private IEnumerable<(ulong First, ulong Last)> Gaps()
    {
        var next = UInt128.Zero;
        for (var node = 0; node < Count; node++)
        {
            if (_starts[node] > next)
            {
                yield return ((ulong)next, _starts[node] - 1);
            }

            next = _starts[node] + (UInt128.One << (Depth - _depths[node]));
        }

        if (next >> Depth == 0)
        {
            yield return ((ulong)next, ulong.MaxValue);
        }
    }

    private static bool Covers(ulong start, byte depth, ulong path) => depth == 0 || (path ^ start) >> (Depth - depth) == 0;

    private static void Child(ReadOnlySpan<byte> key, ulong bit, Span<byte> child)
    {
        Span<byte> block = stackalloc byte[AesBlock.Size];
        block.Clear();
        block[^1] = (byte)bit;
        AesBlock.Encrypt(key, block, child);
    }

    // The walk from node to leaf with the key in a register all the way.
    private static void Descend(ReadOnlySpan<byte> root, ulong path, int depth, Span<byte> key)
    {
        var node = Vector128.Create(root);
        for (; depth < Depth; depth++)
        {
            var bit = (path >> (Depth - 1 - depth)) & 1;
            node = AesBlock.EncryptFast(node, Vector128.Create(0, bit << 56).AsByte());
        }

        node.CopyTo(key);
    }

    private static void Split(ulong start, byte depth, ReadOnlySpan<byte> key, ReadOnlySpan<ulong> punctured, Builder builder)
    {
        if (punctured.IsEmpty)
        {
            builder.Add(start, depth, key);
            return;
        }

        if (depth == Depth)
        {
            return;
        }

        var middle = start | (1UL << (Depth - 1 - depth));
        var cut = punctured.BinarySearch(middle);
        cut = cut < 0 ? ~cut : cut;
        while (cut > 0 && punctured[cut - 1] == middle)
        {
            cut--;
        }

        Span<byte> child = stackalloc byte[KeySize];
        Child(key, 0, child);
        Split(start, (byte)(depth + 1), child, punctured[..cut], builder);
        Child(key, 1, child);
        Split(middle, (byte)(depth + 1), child, punctured[cut..], builder);
        child.Clear();
    }

    private sealed class Builder(int capacity)
    {
        private ulong[] _starts = new ulong[capacity];
        private byte[] _depths = new byte[capacity];
        private byte[] _keys = Secret.Allocate(capacity * KeySize);
        private int _count;

        public void Add(ulong start, byte depth, ReadOnlySpan<byte> key)
        {
            if (_count == _starts.Length)
            {
                Array.Resize(ref _starts, _count * 2);
                Array.Resize(ref _depths, _count * 2);
                var keys = Secret.Allocate(_count * 2 * KeySize);
                _keys.CopyTo(keys, 0);
                Secret.Erase(_keys);
                _keys = keys;
            }

            (_starts[_count], _depths[_count]) = (start, depth);
            key.CopyTo(_keys.AsSpan(_count++ * KeySize));
        }

        public PuncturableTree Build() => new(_starts, _depths, _keys, _count);
    }
}

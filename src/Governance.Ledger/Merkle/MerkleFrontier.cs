namespace Governance.Ledger;

/// <summary>
/// The right edge of a growing tree (a compact range from leaf 0): at most one hash per level, enough to append leaves and to
/// know the root. Mutable, single-threaded.
/// </summary>
public sealed class MerkleFrontier
{
    private readonly MerkleHash[] _edge = new MerkleHash[64];

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    /// <summary>Continues the tree of <paramref name="size"/> leaves whose complete subtrees <paramref name="node"/> can read.</summary>
    public static MerkleFrontier At(long size, MerkleNodeReader node)
    {
        var frontier = new MerkleFrontier { Size = size };
        for (var level = 0; size >> level > 0; level++)
        {
            if ((size >> level & 1) == 1)
            {
                frontier._edge[level] = node(level, (size >> level) - 1);
            }
        }

        return frontier;
    }

    /// <summary>Becomes a copy of another.</summary>
    internal void Become(MerkleFrontier other)
    {
        Size = other.Size;
        other._edge.AsSpan(0, 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)Size)).CopyTo(_edge);
    }

    /// <summary>Appends one leaf hash.</summary>
    public void Append(MerkleHash leaf)
    {
        var level = 0;
        for (; (Size >> level & 1) == 1; level++)
        {
            leaf = MerkleTree.NodeHash(_edge[level], leaf);
        }

        _edge[level] = leaf;
        Size++;
    }

    /// <summary>
    /// Appends leaf hashes and hands out, level by level from 0, the nodes they complete:
    /// <paramref name="emit"/> receives the level, the index of the first new node at that level, and the new nodes (valid during the call).
    /// <paramref name="leaves"/> is used as scratch space.
    /// </summary>
    public void Append(Span<MerkleHash> leaves, MerkleNodeSink emit)
    {
        var first = Size;
        var nodes = leaves;
        Size += leaves.Length;
        for (var level = 0; nodes.Length > 0; level++)
        {
            emit(level, first, nodes);
            var (read, written) = (0, 0);
            var pendingLeft = (first & 1) == 1;
            if (pendingLeft)
            {
                nodes[written++] = MerkleTree.NodeHash(_edge[level], nodes[read++]);
            }

            for (; read + 1 < nodes.Length; read += 2)
            {
                var (left, right) = (nodes[read], nodes[read + 1]);
                nodes[written++] = MerkleTree.NodeHash(left, right);
            }

            if (read < nodes.Length)
            {
                _edge[level] = nodes[read];
            }

            first >>= 1;
            nodes = nodes[..written];
        }
    }

    /// <summary>The root over all leaves so far.</summary>
    public MerkleHash Root()
    {
        if (Size == 0)
        {
            return MerkleTree.EmptyRoot;
        }

        var level = System.Numerics.BitOperations.TrailingZeroCount(Size);
        var hash = _edge[level];
        for (level++; Size >> level > 0; level++)
        {
            if ((Size >> level & 1) == 1)
            {
                hash = MerkleTree.NodeHash(_edge[level], hash);
            }
        }

        return hash;
    }
}

/// <summary>Receives nodes that became complete at one level; the first has index <paramref name="first"/> there.</summary>
public delegate void MerkleNodeSink(int level, long first, ReadOnlySpan<MerkleHash> nodes);

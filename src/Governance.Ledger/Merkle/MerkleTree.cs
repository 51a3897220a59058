using System.Numerics;
using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>Reads the hash of the complete subtree over leaves <c>[index · 2^level, (index + 1) · 2^level)</c>.</summary>
public delegate MerkleHash MerkleNodeReader(int level, long index);

/// <summary>
/// Merkle tree arithmetic of RFC 6962 section 2.1 and RFC 9162 section 2.1: pure functions, no storage.
/// Leaf = SHA-256(0x00 ‖ entry), node = SHA-256(0x01 ‖ left ‖ right), empty tree = SHA-256 of nothing. Thread-safe.
/// </summary>
public static class MerkleTree
{
    /// <summary>Root of the tree with no leaves.</summary>
    public static MerkleHash EmptyRoot { get; } = new(SHA256.HashData([]));

    public static MerkleHash LeafHash(ReadOnlySpan<byte> entry)
    {
        Span<byte> hash = stackalloc byte[MerkleHash.Size];
        Sha256.Hash([0], entry, hash);
        return new MerkleHash(hash);
    }

    public static MerkleHash NodeHash(MerkleHash left, MerkleHash right)
    {
        Span<byte> buffer = stackalloc byte[1 + 2 * MerkleHash.Size];
        buffer[0] = 1;
        left.CopyTo(buffer[1..]);
        right.CopyTo(buffer[33..]);
        Span<byte> hash = stackalloc byte[MerkleHash.Size];
        Sha256.Hash(buffer, hash);
        return new MerkleHash(hash);
    }

    /// <summary>The root of the first <paramref name="size"/> leaves.</summary>
    public static MerkleHash Root(long size, MerkleNodeReader node)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return size == 0 ? EmptyRoot : RangeHash(0, size, node);
    }

    /// <summary>The inclusion proof of leaf <paramref name="index"/> in the tree of <paramref name="size"/> leaves, leaf side first.</summary>
    public static IReadOnlyList<MerkleHash> InclusionProof(long index, long size, MerkleNodeReader node)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var proof = new List<MerkleHash>(BitOperations.Log2((ulong)size) + 1);
        long low = 0, high = size;
        while (high - low > 1)
        {
            var middle = low + LargestPowerBelow(high - low);
            if (index < middle)
            {
                proof.Add(RangeHash(middle, high, node));
                high = middle;
            }
            else
            {
                proof.Add(RangeHash(low, middle, node));
                low = middle;
            }
        }

        proof.Reverse();
        return proof;
    }

    /// <summary>The proof that the tree of <paramref name="newSize"/> leaves starts with the tree of <paramref name="oldSize"/> leaves.</summary>
    public static IReadOnlyList<MerkleHash> ConsistencyProof(long oldSize, long newSize, MerkleNodeReader node)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        if (oldSize == 0 || oldSize == newSize)
        {
            return [];
        }

        var proof = new List<MerkleHash>(BitOperations.Log2((ulong)newSize) + 2);
        long low = 0, high = newSize;
        while (high != oldSize)
        {
            var middle = low + LargestPowerBelow(high - low);
            if (oldSize <= middle)
            {
                proof.Add(RangeHash(middle, high, node));
                high = middle;
            }
            else
            {
                proof.Add(RangeHash(low, middle, node));
                low = middle;
            }
        }

        if (low != 0)
        {
            proof.Add(RangeHash(low, high, node));
        }

        proof.Reverse();
        return proof;
    }

    /// <summary>Verifies an inclusion proof by the algorithm of RFC 9162 section 2.1.3.2. Any input is safe; false when it does not hold.</summary>
    public static bool VerifyInclusion(ulong index, ulong size, MerkleHash leaf, IReadOnlyList<MerkleHash> proof, MerkleHash root)
    {
        if (index >= size)
        {
            return false;
        }

        var (fn, sn, hash) = (index, size - 1, leaf);
        foreach (var sibling in proof)
        {
            if (sn == 0)
            {
                return false;
            }

            if ((fn & 1) == 1 || fn == sn)
            {
                hash = NodeHash(sibling, hash);
                while ((fn & 1) == 0 && fn != 0)
                {
                    (fn, sn) = (fn >> 1, sn >> 1);
                }
            }
            else
            {
                hash = NodeHash(hash, sibling);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && hash == root;
    }

    /// <summary>
    /// Verifies a consistency proof by the algorithm of RFC 9162 section 2.1.4.2. Any input is safe; false when it does not hold.
    /// The empty tree is a prefix of every tree, by an empty proof, when <paramref name="oldRoot"/> is the empty root.
    /// </summary>
    public static bool VerifyConsistency(
        ulong oldSize, ulong newSize, IReadOnlyList<MerkleHash> proof, MerkleHash oldRoot, MerkleHash newRoot)
    {
        if (oldSize > newSize)
        {
            return false;
        }

        if (oldSize == newSize || oldSize == 0)
        {
            return proof.Count == 0 && (oldSize < newSize || oldRoot == newRoot) && (oldSize > 0 || oldRoot == EmptyRoot);
        }

        var (fn, sn) = (oldSize - 1, newSize - 1);
        while ((fn & 1) == 1)
        {
            (fn, sn) = (fn >> 1, sn >> 1);
        }

        var start = BitOperations.IsPow2(oldSize) ? 0 : 1;
        if (proof.Count < start)
        {
            return false;
        }

        var first = start == 0 ? oldRoot : proof[0];
        var (oldHash, newHash) = (first, first);
        for (var i = start; i < proof.Count; i++)
        {
            if (sn == 0)
            {
                return false;
            }

            if ((fn & 1) == 1 || fn == sn)
            {
                oldHash = NodeHash(proof[i], oldHash);
                newHash = NodeHash(proof[i], newHash);
                while ((fn & 1) == 0 && fn != 0)
                {
                    (fn, sn) = (fn >> 1, sn >> 1);
                }
            }
            else
            {
                newHash = NodeHash(newHash, proof[i]);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && oldHash == oldRoot && newHash == newRoot;
    }

    // MTH over [low, high): low is a multiple of the largest power of two not above the width, so it splits into complete subtrees.
    private static MerkleHash RangeHash(long low, long high, MerkleNodeReader node)
    {
        var width = high - low;
        var level = BitOperations.TrailingZeroCount(width);
        var end = high - (1L << level);
        var hash = node(level, end >> level);
        for (width &= width - 1; width != 0; width &= width - 1)
        {
            level = BitOperations.TrailingZeroCount(width);
            end -= 1L << level;
            hash = NodeHash(node(level, end >> level), hash);
        }

        return hash;
    }

    private static long LargestPowerBelow(long width) => 1L << BitOperations.Log2((ulong)width - 1);
}

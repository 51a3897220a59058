using FsCheck;
using FsCheck.Fluent;

namespace Governance.Ledger.Tests;

public sealed class MerkleTreeTests
{
    private static readonly List<byte[]> Entries = [.. Enumerable.Range(0, 140).Select(i => BitConverter.GetBytes(i * 2654435761L)[..(i % 9)])];
    private static readonly ReferenceTree Reference = new(Entries);
    private static readonly Dictionary<(int Level, long Index), MerkleHash> Nodes = BuildNodes();

    private static MerkleHash Node(int level, long index) => Nodes[(level, index)];

    [Fact]
    public void Roots_and_proofs_equal_the_recursive_definition_for_all_sizes()
    {
        for (var size = 0; size <= Entries.Count; size++)
        {
            var root = MerkleTree.Root(size, Node);
            Assert.Equal(Reference.Root(size), root.ToArray());
            Assert.Equal(root, MerkleFrontier.At(size, Node).Root());
            for (var index = 0; index < size; index += 1 + index / 8)
            {
                var proof = MerkleTree.InclusionProof(index, size, Node);
                Assert.Equal(Reference.Inclusion(index, size), proof.Select(p => p.ToArray()));
                Assert.True(MerkleTree.VerifyInclusion((ulong)index, (ulong)size, MerkleTree.LeafHash(Entries[index]), proof, root));
            }
        }
    }

    [Fact]
    public void Consistency_holds_between_any_two_sizes()
    {
        for (var newSize = 0; newSize <= Entries.Count; newSize++)
        {
            for (var oldSize = 0; oldSize <= newSize; oldSize++)
            {
                var proof = MerkleTree.ConsistencyProof(oldSize, newSize, Node);
                if (oldSize % 5 == 0)
                {
                    Assert.Equal(Reference.Consistency(oldSize, newSize), proof.Select(p => p.ToArray()));
                }

                Assert.True(MerkleTree.VerifyConsistency(
                    (ulong)oldSize, (ulong)newSize, proof, MerkleTree.Root(oldSize, Node), MerkleTree.Root(newSize, Node)));
            }
        }
    }

    [Fact]
    public void A_proof_for_another_leaf_size_or_root_never_verifies()
    {
        var cases =
            from size in Gen.Choose(2, Entries.Count)
            from index in Gen.Choose(0, size - 1)
            from otherIndex in Gen.Choose(0, size - 1)
            from otherSize in Gen.Choose(1, Entries.Count)
            from flip in Gen.Choose(0, 31)
            select (size, index, otherIndex, otherSize, flip);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var root = MerkleTree.Root(c.size, Node);
            var proof = MerkleTree.InclusionProof(c.index, c.size, Node);
            var leaf = MerkleTree.LeafHash(Entries[c.index]);
            var other = MerkleTree.LeafHash([.. Entries[c.index], 1]);
            bool Verify(int index, int size, MerkleHash l, IReadOnlyList<MerkleHash> p, MerkleHash r) =>
                MerkleTree.VerifyInclusion((ulong)index, (ulong)size, l, p, r);
            var bent = proof.ToArray();
            bent[c.flip % bent.Length] = Flip(bent[c.flip % bent.Length], c.flip);
            return Verify(c.index, c.size, leaf, proof, root)
                && !Verify(c.index, c.size, other, proof, root)
                && !Verify(c.index, c.size, leaf, bent, root)
                && !Verify(c.index, c.size, leaf, proof, Flip(root, c.flip))
                && !Verify(c.index, c.size, leaf, [.. proof, root], root)
                && !Verify(c.index, c.size, leaf, [.. proof.Skip(1)], root)
                && (c.otherIndex == c.index || !Verify(c.otherIndex, c.size, leaf, proof, root))
                && (c.otherSize == c.size || !Verify(c.index, c.otherSize, leaf, proof, MerkleTree.Root(c.otherSize, Node)));
        }));
    }

    [Fact]
    public void Appending_in_batches_completes_the_same_nodes_as_one_by_one()
    {
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Gen.Choose(1, 20).ListOf().ToArbitrary(), batches =>
        {
            var (frontier, seen, at) = (new MerkleFrontier(), new Dictionary<(int, long), MerkleHash>(), 0);
            foreach (var batch in batches.TakeWhile(b => at + b <= Entries.Count))
            {
                var leaves = Entries.GetRange(at, batch).Select(e => MerkleTree.LeafHash(e)).ToArray();
                frontier.Append(leaves, (level, first, nodes) =>
                {
                    for (var i = 0; i < nodes.Length; i++)
                    {
                        seen.Add((level, first + i), nodes[i]);
                    }
                });
                at += batch;
            }

            return seen.All(n => Nodes[n.Key] == n.Value)
                && seen.Count == Enumerable.Range(0, 8).Sum(level => at >> level)
                && frontier.Root() == MerkleTree.Root(at, Node);
        }));
    }

    private static MerkleHash Flip(MerkleHash hash, int position)
    {
        var bytes = hash.ToArray();
        bytes[position] ^= 0x10;
        return new MerkleHash(bytes);
    }

    private static Dictionary<(int, long), MerkleHash> BuildNodes()
    {
        var nodes = new Dictionary<(int, long), MerkleHash>();
        for (var i = 0; i < Entries.Count; i++)
        {
            nodes[(0, i)] = MerkleTree.LeafHash(Entries[i]);
        }

        for (var level = 1; Entries.Count >> level > 0; level++)
        {
            for (var i = 0; i < Entries.Count >> level; i++)
            {
                nodes[(level, i)] = MerkleTree.NodeHash(nodes[(level - 1, 2 * i)], nodes[(level - 1, 2 * i + 1)]);
            }
        }

        return nodes;
    }
}

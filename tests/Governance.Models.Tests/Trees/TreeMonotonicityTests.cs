using Governance.Data;
using Governance.Models.Structure;
using Governance.Models.Trees;

namespace Governance.Models.Tests.Trees;

public sealed class TreeMonotonicityTests
{
    private static readonly string[] Features = ["a", "b", "c"];

    /// <summary>What is proven of single random trees is exactly what trying every combination of values shows.</summary>
    [Fact]
    public void Prove_RandomTrees_ExactlyWhatEnumerationShows()
    {
        var random = new SeededRandom(23);
        var proofs = new int[4];
        float[] values = [-1, 0, 0.5f, 1, 1.5f, 2, 2.5f, 3, 4];
        for (var round = 0; round < 150; round++)
        {
            var model = RandomTree(random, 1 + (round % 3));
            var proven = TreeMonotonicity.Prove(model, TestContext.Current.CancellationToken);
            for (var f = 0; f < Features.Length; f++)
            {
                var (rises, falls) = (false, false);
                float[] other = [.. values, float.NaN];
                foreach (var x in other)
                {
                    foreach (var y in other)
                    {
                        var row = new float[3];
                        row[(f + 1) % 3] = x;
                        row[(f + 2) % 3] = y;
                        var outputs = Array.ConvertAll(values, v =>
                        {
                            row[f] = v;
                            return model.Margin(row);
                        });
                        rises |= outputs.Zip(outputs.Skip(1)).Any(p => p.Second > p.First);
                        falls |= outputs.Zip(outputs.Skip(1)).Any(p => p.Second < p.First);
                    }
                }

                var expected = (rises, falls) switch { (true, true) => ProvenDirection.None, (true, false) => ProvenDirection.Increasing, (false, true) => ProvenDirection.Decreasing, _ => ProvenDirection.Flat };
                Assert.Equal(expected, proven[f]);
                proofs[(int)expected]++;
            }
        }

        Assert.All(proofs, p => Assert.True(p > 10, "Every kind of finding must occur."));
    }

    [Fact]
    public void Prove_OneHotAndEquality_AreNotProven()
    {
        TreeNode[] nodes = [new(BranchMode.Equal, 0, 1, 1, 2, false, 0), new(BranchMode.Leaf, 0, 0, 1, 1, false, 1), new(BranchMode.Leaf, 0, 0, 2, 2, false, 2)];
        var model = new TreeStructure(InputColumns.Identity(["a"]), new TreeEnsemble(["a"], nodes, new[] { 0 }, 0, TreeLink.Identity));
        Assert.Equal([ProvenDirection.None], TreeMonotonicity.Prove(model, TestContext.Current.CancellationToken));
    }

    private static TreeStructure RandomTree(SeededRandom random, int depth)
    {
        var nodes = new List<TreeNode>();
        int Grow(int level)
        {
            var at = nodes.Count;
            nodes.Add(default);
            nodes[at] = level == 0
                ? new(BranchMode.Leaf, 0, 0, at, at, false, random.NextBits() % 4)
                : new((BranchMode)(1 + (random.NextBits() % 4)), (int)(random.NextBits() % 3), random.NextBits() % 4, Grow(level - 1), Grow(level - 1), random.Chance(0.5), 0);
            return at;
        }

        var root = Grow(depth);
        return new(InputColumns.Identity(Features), new TreeEnsemble(Features, nodes.ToArray(), new[] { root }, 0, TreeLink.Identity));
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using Governance.Models.Trees;

namespace Governance.Models.Tests.Attribution;

/// <summary>Training covers from the library's own model file, laid on the nodes of the ONNX trees by walking both together.</summary>
internal static class NativeCovers
{
    /// <summary>A node of a native tree: leaf when <paramref name="Left"/> is below 0 in the shape of the file.</summary>
    private sealed record Native(Func<int, bool> IsLeaf, Func<int, int> Feature, Func<int, int> Left, Func<int, int> Right, Func<int, double> Cover, int Root);

    public static double[] XGBoost(string file, TreeEnsemble ensemble)
    {
        var trees = JsonNode.Parse(File.ReadAllText(file))!["learner"]!["gradient_booster"]!["model"]!["trees"]!.AsArray();
        return Lay(ensemble, [.. trees.Select(t =>
        {
            int[] left = Integers(t!["left_children"]!), right = Integers(t["right_children"]!), feature = Integers(t["split_indices"]!);
            var cover = t["sum_hessian"]!.AsArray().Select(v => (double)v!).ToArray();
            return new Native(n => left[n] < 0, n => feature[n], n => left[n], n => right[n], n => cover[n], 0);
        })]);
    }

    public static double[] LightGbm(string file, TreeEnsemble ensemble)
    {
        var trees = File.ReadAllText(file).Split("\nTree=").Skip(1).Select(t => t.Split('\n').Where(l => l.Contains('=')).Select(l => l.Split('=', 2)).GroupBy(p => p[0]).ToDictionary(g => g.Key, g => g.First()[1])).ToArray();
        return Lay(ensemble, [.. trees.Select(t =>
        {
            if (!t.TryGetValue("split_feature", out var splits) || splits.Length == 0)
            {
                return new Native(_ => true, _ => 0, _ => 0, _ => 0, _ => 1, -1);
            }

            int[] left = Words(t["left_child"]), right = Words(t["right_child"]), feature = Words(splits), leaves = Words(t["leaf_count"]), inner = Words(t["internal_count"]);
            return new Native(n => n < 0, n => feature[n], n => left[n], n => right[n], n => n < 0 ? leaves[~n] : inner[n], 0);
        })]);
    }

    private static double[] Lay(TreeEnsemble ensemble, Native[] trees)
    {
        var covers = new double[ensemble.Nodes.Length];
        Assert.Equal(trees.Length, ensemble.Roots.Length);
        foreach (var (index, tree) in trees.Index())
        {
            Walk(ensemble.Roots.Span[index], tree.Root, tree);
        }

        return covers;

        void Walk(int at, int native, Native tree)
        {
            covers[at] = tree.Cover(native);
            var node = ensemble.Nodes.Span[at];
            Assert.Equal(tree.IsLeaf(native), node.Mode is BranchMode.Leaf);
            if (node.Mode is not BranchMode.Leaf)
            {
                Assert.Equal(tree.Feature(native), node.Feature);
                Walk(node.True, tree.Left(native), tree);
                Walk(node.False, tree.Right(native), tree);
            }
        }
    }

    private static int[] Integers(JsonNode node) => [.. node.AsArray().Select(v => (int)v!)];

    private static int[] Words(string line) => [.. line.Split(' ').Select(w => int.Parse(w, CultureInfo.InvariantCulture))];
}

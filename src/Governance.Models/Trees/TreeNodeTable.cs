using Governance.Models.Onnx.Format;

namespace Governance.Models.Trees;

/// <summary>
/// The parallel <c>nodes_*</c> lists of a <c>TreeEnsembleClassifier</c> or <c>TreeEnsembleRegressor</c> as linked nodes. Hostile input: nothing is
/// assumed of lengths, ids or links.
/// </summary>
internal sealed class TreeNodeTable
{
    /// <summary>Deepest path. Runtimes walk trees by recursion.</summary>
    private const int MaxDepth = 512;

    /// <summary>Most nodes when shared subtrees are written out: runtimes write them out.</summary>
    private const long MaxExpandedNodes = 20_000_000;

    private static readonly Dictionary<string, BranchMode> Modes = new(StringComparer.Ordinal)
    {
        ["LEAF"] = BranchMode.Leaf, ["BRANCH_LEQ"] = BranchMode.LessOrEqual, ["BRANCH_LT"] = BranchMode.Less, ["BRANCH_GT"] = BranchMode.Greater,
        ["BRANCH_GTE"] = BranchMode.GreaterOrEqual, ["BRANCH_EQ"] = BranchMode.Equal, ["BRANCH_NEQ"] = BranchMode.NotEqual,
    };

    private readonly Dictionary<(long Tree, long Node), int> index = [];

    private TreeNodeTable(TreeNode[] nodes) => Nodes = nodes;

    public TreeNode[] Nodes { get; }

    /// <summary>One per tree, in order of appearance: the first node of each tree, as the format has it.</summary>
    public List<int> Roots { get; } = [];

    public static bool IsTreeNode(NodeProto node) => node.OpType is "TreeEnsembleClassifier" or "TreeEnsembleRegressor";

    /// <summary>Index of a node by its ids, or null.</summary>
    public int? Find(long tree, long node) => index.TryGetValue((tree, node), out var found) ? found : null;

    /// <summary>Links the lists, or says what is wrong with them.</summary>
    public static TreeNodeTable? Read(NodeProto ensemble, int? features, out string? problem)
    {
        var lists = new AttributeLists(ensemble);
        if (lists.HasRepeats)
        {
            problem = "an attribute is given twice";
            return null;
        }

        if (lists.Has("nodes_values_as_tensor"))
        {
            problem = "its thresholds are float64; export them as float32 (nodes_values)";
            return null;
        }

        var trees = lists.Integers("nodes_treeids");
        var ids = lists.Integers("nodes_nodeids");
        var columns = lists.Integers("nodes_featureids");
        var modes = lists.Words("nodes_modes");
        var thresholds = lists.Numbers("nodes_values");
        var yes = lists.Integers("nodes_truenodeids");
        var no = lists.Integers("nodes_falsenodeids");
        var missing = lists.Integers("nodes_missing_value_tracks_true");
        var count = trees.Count;
        if (count == 0 || new[] { ids.Count, columns.Count, modes.Count, thresholds.Count, yes.Count, no.Count }.Any(c => c != count) || (missing.Count != 0 && missing.Count != count))
        {
            problem = "the lists that describe its nodes are empty or differ in length";
            return null;
        }

        var table = new TreeNodeTable(new TreeNode[count]);
        for (var i = 0; i < count; i++)
        {
            if (!table.index.TryAdd((trees[i], ids[i]), i))
            {
                problem = "two nodes of a tree have the same id";
                return null;
            }

            if (i == 0 || trees[i] != trees[i - 1])
            {
                table.Roots.Add(i);
            }
        }

        if (table.Roots.Count != table.Roots.Select(r => trees[r]).Distinct().Count())
        {
            problem = "the nodes of a tree do not stand together";
            return null;
        }

        for (var i = 0; i < count; i++)
        {
            if (!Modes.TryGetValue(modes[i], out var mode))
            {
                problem = "a node has an unknown mode";
                return null;
            }

            var (left, right) = mode is BranchMode.Leaf ? (i, i) : (table.Find(trees[i], yes[i]) ?? -1, table.Find(trees[i], no[i]) ?? -1);
            if (left < 0 || right < 0)
            {
                problem = "a branch leads to a node that is not there";
                return null;
            }

            if (mode is not BranchMode.Leaf && (columns[i] < 0 || columns[i] >= (features ?? int.MaxValue)))
            {
                problem = "a branch asks for a feature that the input does not have";
                return null;
            }

            table.Nodes[i] = new TreeNode(mode, (int)columns[i], thresholds[i], left, right, missing.Count > 0 && missing[i] != 0, 0);
        }

        problem = table.PathProblem();
        return problem is null ? table : null;
    }

    /// <summary>Walks every tree without recursion, children before parents, to bound depth and the size after writing shared subtrees out.</summary>
    private string? PathProblem()
    {
        var depth = new int[Nodes.Length];
        var expanded = new long[Nodes.Length];
        var open = new bool[Nodes.Length];
        var total = 0L;
        var stack = new Stack<int>();
        foreach (var root in Roots)
        {
            stack.Push(root);
            while (stack.TryPeek(out var at))
            {
                var node = Nodes[at];
                if (node.Mode is BranchMode.Leaf)
                {
                    (depth[at], expanded[at]) = (1, 1);
                }
                else if (!open[at])
                {
                    open[at] = true;
                    foreach (var child in new[] { node.True, node.False })
                    {
                        if (open[child] && expanded[child] == 0)
                        {
                            return "a path through a tree comes back to its own node";
                        }

                        if (expanded[child] == 0)
                        {
                            stack.Push(child);
                        }
                    }

                    continue;
                }
                else
                {
                    depth[at] = 1 + Math.Max(depth[node.True], depth[node.False]);
                    expanded[at] = Math.Min(1 + expanded[node.True] + expanded[node.False], MaxExpandedNodes + 1);
                }

                stack.Pop();
                if (depth[at] > MaxDepth)
                {
                    return $"a tree is more than {MaxDepth} levels deep";
                }
            }

            total += expanded[root];
        }

        return total > MaxExpandedNodes ? $"its trees have more than {MaxExpandedNodes} nodes once shared subtrees are written out" : null;
    }
}

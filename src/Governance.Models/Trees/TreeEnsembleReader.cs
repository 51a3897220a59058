using Governance.Models.Onnx;
using Governance.Models.Onnx.Format;
using Governance.Models.Structure;

namespace Governance.Models.Trees;

/// <summary>An ensemble, or the sentence that says why it cannot be read exactly. Exactly one is present. Immutable.</summary>
public sealed record TreeReading(TreeEnsemble? Ensemble, string? Problem);

/// <summary>A forest, or the sentence that says why it cannot be read exactly. Exactly one is present. Immutable.</summary>
public sealed record ForestReading(TreeForest? Forest, string? Problem);

/// <summary>
/// Reads <c>TreeEnsembleClassifier</c> and <c>TreeEnsembleRegressor</c>. What it cannot read exactly, it refuses.
/// </summary>
public static class TreeEnsembleReader
{
    /// <summary>A binary ensemble that takes the model's input directly.</summary>
    /// <param name="model">A scanned model.</param>
    /// <param name="features">Names of its input columns.</param>
    public static TreeReading Read(ScannedModel model, IReadOnlyList<string> features) => Of(StructureReader.Read(model, features));

    /// <summary>The binary ensemble that a structure is, where it takes the model's input directly.</summary>
    public static TreeReading Of(StructureReading reading) => reading switch
    {
        { Structure: TreeStructure { Columns.IsIdentity: true } trees } => new(trees.Trees, null),
        { Structure: TreeStructure } => new(null, "The trees do not take the model's input directly."),
        { Structure: not null } => new(null, "The model is not one tree ensemble classifier."),
        { Problem: var problem } => new(null, problem),
    };

    /// <summary>The one tree ensemble of a model whatever its outputs: several classes, regressions.</summary>
    /// <param name="features">Names of the columns the trees take.</param>
    public static ForestReading ReadForest(ScannedModel model, IReadOnlyList<string> features) =>
        model.Format.Graph.Node.Where(TreeNodeTable.IsTreeNode).ToArray() is [var node]
            ? ReadForest(node, features)
            : Problem("The model is not one tree ensemble.");

    internal static ForestReading ReadForest(NodeProto node, IReadOnlyList<string> features)
    {
        if (TreeNodeTable.Read(node, features.Count, out var problem) is not { } table)
        {
            return Problem($"The tree ensemble is malformed: {problem}.");
        }

        var lists = new AttributeLists(node);
        var classifier = node.OpType == "TreeEnsembleClassifier";
        var kind = classifier ? "class" : "target";
        var weights = lists.Numbers(kind + "_weights");
        var trees = lists.Integers(kind + "_treeids");
        var leaves = lists.Integers(kind + "_nodeids");
        var outputs = lists.Integers(kind + "_ids");
        if (weights.Count != trees.Count || weights.Count != leaves.Count || weights.Count != outputs.Count)
        {
            return Problem("The lists of leaf weights differ in length.");
        }

        var classes = classifier ? Math.Max(lists.Integers("classlabels_int64s").Count, lists.Words("classlabels_strings").Count) : lists.Integer("n_targets") ?? 0;
        if (classes is < 1 or > 10_000 || outputs.Any(o => o < 0 || o >= classes))
        {
            return Problem("A leaf weight belongs to an output that is not there.");
        }

        if (lists.Word("aggregate_function") is not ("" or "SUM" or "AVERAGE"))
        {
            return Problem("The trees are not summed or averaged.");
        }

        // A binary classifier may weigh one class only: its one sum is that of label 1.
        var binary = classifier && classes == 2;
        var single = binary && outputs.Distinct().Count() == 1;
        var count = single ? 1 : (int)classes;
        if (single && outputs[0] != 0)
        {
            return Problem("The trees are not a binary ensemble with one weight per leaf under class 0.");
        }

        var divisor = lists.Word("aggregate_function") == "AVERAGE" ? table.Roots.Count : 1;
        var sums = new double[table.Nodes.Length * count];
        var weighed = new bool[sums.Length];
        for (var i = 0; i < weights.Count; i++)
        {
            if (table.Find(trees[i], leaves[i]) is not { } at || table.Nodes[at].Mode is not BranchMode.Leaf)
            {
                return Problem("A weight belongs to no leaf, or to one that has another.");
            }

            var cell = (at * count) + (single ? 0 : (int)outputs[i]);
            if (weighed[cell])
            {
                return Problem("A weight belongs to no leaf, or to one that has another.");
            }

            (weighed[cell], sums[cell]) = (true, (double)weights[i] / divisor);
        }

        var bases = lists.Numbers("base_values");
        if (bases.Count != 0 && bases.Count != count)
        {
            return Problem("The base values are not one per output.");
        }

        // With one sum ONNX Runtime takes weights that are all positive as the probability itself and leaves out the link.
        var allPositive = weights.All(w => w >= 0);
        ForestTransform? transform = (lists.Word("post_transform"), classifier, single) switch
        {
            ("" or "NONE", true, true) => allPositive ? ForestTransform.None : null,
            ("" or "NONE", _, _) => ForestTransform.None,
            ("LOGISTIC", true, true) => allPositive ? null : ForestTransform.Logistic,
            ("LOGISTIC", true, false) => ForestTransform.Logistic,
            ("SOFTMAX", true, false) => ForestTransform.Softmax,
            _ => null,
        };
        return transform is null
            ? Problem("The post transform with these weights has no single reading among runtimes.")
            : new ForestReading(
                new TreeForest(features, table.Nodes, table.Roots.ToArray(), sums, [.. Enumerable.Range(0, count).Select(k => bases.Count == 0 ? 0.0 : bases[k])], transform.Value, Covers(lists, table)), null);
    }

    /// <summary>Converters that know no cover write 1 for every node, or nothing.</summary>
    private static double[] Covers(AttributeLists lists, TreeNodeTable table)
    {
        var rates = lists.Numbers("nodes_hitrates");
        return rates.Count == table.Nodes.Length && rates.Any(r => r != 1) && rates.All(r => r >= 0 && float.IsFinite(r)) ? [.. rates.Select(r => (double)r)] : [];
    }

    private static ForestReading Problem(string message) => new(null, message);
}

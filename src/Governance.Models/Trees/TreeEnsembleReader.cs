using Governance.Models.Onnx;
using Governance.Models.Onnx.Format;

namespace Governance.Models.Trees;

/// <summary>An ensemble, or the sentence that says why it cannot be read exactly. Exactly one is present. Immutable.</summary>
public sealed record TreeReading(TreeEnsemble? Ensemble, string? Problem);

/// <summary>
/// Reads a binary <c>TreeEnsembleClassifier</c> that takes the model's input directly. What it cannot read exactly, it refuses.
/// </summary>
public static class TreeEnsembleReader
{
    /// <param name="model">A scanned model.</param>
    /// <param name="features">Names of its input columns.</param>
    public static TreeReading Read(ScannedModel model, IReadOnlyList<string> features)
    {
        if (model.Signature.Signature is not { } signature)
        {
            return new(null, model.Signature.Problem);
        }

        if (features.Count != signature.FeatureCount)
        {
            return Problem($"The model takes {signature.FeatureCount} features, but {features.Count} names are given.");
        }

        if (model.Format.Graph.Node.Where(TreeNodeTable.IsTreeNode).ToArray() is not [{ OpType: "TreeEnsembleClassifier" } node])
        {
            return Problem("The model is not one tree ensemble classifier.");
        }

        if (node.Input is not [var input] || input != signature.Input)
        {
            return Problem("The trees do not take the model's input directly.");
        }

        return Read(node, features);
    }

    private static TreeReading Read(NodeProto node, IReadOnlyList<string> features)
    {
        if (TreeNodeTable.Read(node, features.Count, out var problem) is not { } table)
        {
            return Problem($"The tree ensemble is malformed: {problem}.");
        }

        var lists = new AttributeLists(node);
        var weights = lists.Numbers("class_weights");
        var trees = lists.Integers("class_treeids");
        var leaves = lists.Integers("class_nodeids");
        var classes = lists.Integers("class_ids");
        var bases = lists.Numbers("base_values");
        if (classes.Any(c => c != 0) || weights.Count != trees.Count || weights.Count != leaves.Count || weights.Count != classes.Count || bases.Count > 1)
        {
            return Problem("The trees are not a binary ensemble with one weight per leaf under class 0.");
        }

        var weighed = new bool[table.Nodes.Length];
        for (var i = 0; i < weights.Count; i++)
        {
            if (table.Find(trees[i], leaves[i]) is not { } at || table.Nodes[at].Mode is not BranchMode.Leaf || weighed[at])
            {
                return Problem("A weight belongs to no leaf, or to one that has another.");
            }

            weighed[at] = true;
            table.Nodes[at] = table.Nodes[at] with { Weight = weights[i] };
        }

        // ONNX Runtime takes a sum of weights that are all positive as the probability itself and leaves out the link.
        var allPositive = weights.All(w => w >= 0);
        TreeLink? link = (lists.Word("post_transform"), allPositive) switch
        {
            ("" or "NONE", true) => TreeLink.Identity,
            ("LOGISTIC", false) => TreeLink.Logistic,
            _ => null,
        };
        return link is null
            ? Problem("The post transform with these weights has no single reading among runtimes.")
            : new TreeReading(new TreeEnsemble(features, table.Nodes, table.Roots.ToArray(), bases.Count == 0 ? 0 : bases[0], link.Value), null);
    }

    private static TreeReading Problem(string message) => new(null, message);
}

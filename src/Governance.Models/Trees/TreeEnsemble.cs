using Governance.Models.Onnx;
using Governance.Models.Structure;

namespace Governance.Models.Trees;

/// <summary>The comparison of a branch: the row goes to the true child when <c>feature mode threshold</c> holds.</summary>
public enum BranchMode
{
    Leaf,
    LessOrEqual,
    Less,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// <summary>A node of a tree. Immutable.</summary>
/// <param name="Feature">Column of the input; of no meaning in a leaf.</param>
/// <param name="Threshold">In the file's own float32.</param>
/// <param name="True">Index of the child taken when the comparison holds.</param>
/// <param name="False">Index of the other child.</param>
/// <param name="MissingGoesTrue">A missing (NaN) feature takes the true child; without it NaN fails every comparison but <c>NotEqual</c>.</param>
/// <param name="Weight">What a leaf adds.</param>
public readonly record struct TreeNode(BranchMode Mode, int Feature, float Threshold, int True, int False, bool MissingGoesTrue, float Weight);

/// <summary>From the sum of leaves to the answer.</summary>
public enum TreeLink
{
    /// <summary>The sum is the probability: averaged forests.</summary>
    Identity,

    /// <summary>The sum is the log-odds: boosted trees.</summary>
    Logistic,
}

/// <summary>
/// A binary tree ensemble exactly as its ONNX node says: float32 thresholds and features, leaves summed in float64. Immutable and thread-safe.
/// </summary>
/// <param name="Nodes">All nodes of all trees. The reader guarantees that children are in range and that no path is a cycle.</param>
/// <param name="Roots">Index of the root of each tree.</param>
/// <param name="Base">Added to the sum.</param>
public sealed record TreeEnsemble(IReadOnlyList<string> Features, ReadOnlyMemory<TreeNode> Nodes, ReadOnlyMemory<int> Roots, double Base, TreeLink Link) : IInspectableModel
{
    /// <summary>Training weight of each node, by index; empty when the file has none. Only path-dependent explanations need it.</summary>
    public ReadOnlyMemory<double> Covers { get; init; }

    /// <inheritdoc/>
    public StructureReading Reading => new(new TreeStructure(InputColumns.Identity(Features), this), null);

    OnnxFacts? IInspectableModel.Facts => null;

    public void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken)
    {
        for (var row = 0; row < scores.Length; row++)
        {
            var margin = Margin(features.Slice(row * Features.Count, Features.Count));
            scores[row] = Link is TreeLink.Logistic ? LogisticModel.Sigmoid(margin) : margin;
        }
    }

    /// <summary>The sum of leaves before the link.</summary>
    public double Margin(ReadOnlySpan<float> row)
    {
        var nodes = Nodes.Span;
        var sum = Base;
        foreach (var root in Roots.Span)
        {
            sum += nodes[Leaf(nodes, root, row)].Weight;
        }

        return sum;
    }

    /// <summary>Index of the leaf in which a row ends.</summary>
    public static int Leaf(ReadOnlySpan<TreeNode> nodes, int root, ReadOnlySpan<float> row)
    {
        var at = root;
        while (nodes[at].Mode is not BranchMode.Leaf)
        {
            ref readonly var node = ref nodes[at];
            at = GoesTrue(node, row[node.Feature]) ? node.True : node.False;
        }

        return at;
    }

    /// <summary>Whether a value takes the true child of a branch.</summary>
    public static bool GoesTrue(in TreeNode node, float value) =>
        (node.MissingGoesTrue && float.IsNaN(value)) || node.Mode switch
        {
            BranchMode.LessOrEqual => value <= node.Threshold,
            BranchMode.Less => value < node.Threshold,
            BranchMode.Greater => value > node.Threshold,
            BranchMode.GreaterOrEqual => value >= node.Threshold,
            BranchMode.Equal => value == node.Threshold,
            _ => value != node.Threshold,
        };
}

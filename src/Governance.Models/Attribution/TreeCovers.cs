using Governance.Models.Structure;
using Governance.Models.Trees;

namespace Governance.Models.Attribution;

/// <summary>Covers of tree nodes from data, for files that carry none (most converters write 1 for every node).</summary>
public static class TreeCovers
{
    /// <summary>How many rows pass each node, by node index. A node that trees share counts for each.</summary>
    /// <param name="rows">Row-major <c>[rows, features]</c> of the input; the training rows, so that covers are those of training.</param>
    public static double[] Recount(TreeStructure model, ReadOnlySpan<float> rows, CancellationToken cancellationToken)
    {
        var nodes = model.Trees.Nodes.Span;
        var covers = new double[nodes.Length];
        var derived = new float[model.Columns.Columns.Count];
        var width = model.Columns.Features.Count;
        for (var at = 0; at < rows.Length; at += width)
        {
            cancellationToken.ThrowIfCancellationRequested();
            model.Columns.Apply(rows.Slice(at, width), derived);
            foreach (var root in model.Trees.Roots.Span)
            {
                var node = root;
                covers[node]++;
                while (nodes[node].Mode is not BranchMode.Leaf)
                {
                    node = TreeEnsemble.GoesTrue(nodes[node], derived[nodes[node].Feature]) ? nodes[node].True : nodes[node].False;
                    covers[node]++;
                }
            }
        }

        return covers;
    }
}

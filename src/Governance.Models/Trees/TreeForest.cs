namespace Governance.Models.Trees;

/// <summary>What the format does to the sums of a forest.</summary>
public enum ForestTransform
{
    /// <summary>Nothing: regressions, averaged forests.</summary>
    None,

    /// <summary>The logistic function of each sum.</summary>
    Logistic,

    /// <summary>exp(sum) over the sum of all.</summary>
    Softmax,
}

/// <summary>
/// A tree ensemble of one or more outputs exactly as its ONNX node says: float32 thresholds, leaves summed in float64. Immutable and thread-safe.
/// </summary>
/// <param name="Features">Names of the columns that branches ask for.</param>
/// <param name="Nodes">All nodes of all trees; <see cref="TreeNode.Weight"/> is not used. Children are in range and no path is a cycle.</param>
/// <param name="Roots">Index of the root of each tree.</param>
/// <param name="Weights">What node <c>n</c> adds to output <c>k</c>, at <c>n · OutputCount + k</c>; 0 for branches.</param>
/// <param name="Bases">Added to the sum of each output.</param>
/// <param name="Covers">Training weight of each node where the file has it, else empty.</param>
public sealed record TreeForest(
    IReadOnlyList<string> Features, ReadOnlyMemory<TreeNode> Nodes, ReadOnlyMemory<int> Roots, ReadOnlyMemory<double> Weights, IReadOnlyList<double> Bases,
    ForestTransform Transform, ReadOnlyMemory<double> Covers)
{
    /// <summary>Classes, or targets of a regression.</summary>
    public int OutputCount => Bases.Count;

    /// <summary>The outputs of one row after the transform.</summary>
    /// <param name="outputs">Receives OutputCount values.</param>
    public void Evaluate(ReadOnlySpan<float> row, Span<double> outputs)
    {
        for (var k = 0; k < outputs.Length; k++)
        {
            outputs[k] = Bases[k];
        }

        var weights = Weights.Span;
        foreach (var root in Roots.Span)
        {
            var leaf = TreeEnsemble.Leaf(Nodes.Span, root, row);
            for (var k = 0; k < outputs.Length; k++)
            {
                outputs[k] += weights[(leaf * outputs.Length) + k];
            }
        }

        if (Transform is ForestTransform.Logistic)
        {
            foreach (ref var output in outputs)
            {
                output = LogisticModel.Sigmoid(output);
            }
        }
        else if (Transform is ForestTransform.Softmax)
        {
            Softmax(outputs);
        }
    }

    /// <summary>
    /// One output as an ensemble of its own: its sum before the transform, which explanations add up to. Under <see cref="ForestTransform.Softmax"/> of two
    /// classes it is the difference to the other class, the log-odds; of more, the class's own logit.
    /// </summary>
    /// <param name="output">0 to OutputCount − 1.</param>
    public TreeEnsemble Output(int output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)output, (uint)OutputCount, nameof(output));
        var other = Transform is ForestTransform.Softmax && OutputCount == 2 ? 1 - output : -1;
        var nodes = Nodes.ToArray();
        for (var n = 0; n < nodes.Length; n++)
        {
            nodes[n] = nodes[n] with { Weight = WeightOf(n, output) - (other < 0 ? 0 : WeightOf(n, other)) };
        }

        var logistic = Transform is ForestTransform.Logistic || other >= 0;
        return new TreeEnsemble(Features, nodes, Roots, Bases[output] - (other < 0 ? 0 : Bases[other]), logistic ? TreeLink.Logistic : TreeLink.Identity) { Covers = Covers };
    }

    private static void Softmax(Span<double> outputs)
    {
        var largest = double.NegativeInfinity;
        foreach (var output in outputs)
        {
            largest = Math.Max(largest, output);
        }

        var sum = 0.0;
        foreach (ref var output in outputs)
        {
            output = Math.Exp(output - largest);
            sum += output;
        }

        foreach (ref var output in outputs)
        {
            output /= sum;
        }
    }

    private float WeightOf(int node, int output) => (float)Weights.Span[(node * OutputCount) + output];
}

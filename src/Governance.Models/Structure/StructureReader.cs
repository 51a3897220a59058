using Governance.Models.Onnx;
using Governance.Models.Onnx.Format;
using Governance.Models.Trees;

namespace Governance.Models.Structure;

/// <summary>
/// Reads a binary model whose graph is elementwise preparation (imputer, scaler, one-hot, column selection), one tree ensemble or linear model, and
/// a tail that leaves its probabilities as they are. What it cannot read exactly, it refuses.
/// </summary>
public static class StructureReader
{
    private static readonly string[] Estimators = ["TreeEnsembleClassifier", "TreeEnsembleRegressor", "LinearClassifier", "LinearRegressor"];

    /// <param name="model">A scanned model.</param>
    /// <param name="features">Names of its input columns.</param>
    public static StructureReading Read(ScannedModel model, IReadOnlyList<string> features)
    {
        if (model.Signature.Signature is not { } signature)
        {
            return Problem(model.Signature.Problem!);
        }

        if (features.Count != signature.FeatureCount)
        {
            return Problem($"The model takes {signature.FeatureCount} features, but {features.Count} names are given.");
        }

        if (model.Format.Graph.Node.Where(n => Estimators.Contains(n.OpType)).ToArray() is not [var estimator])
        {
            return Problem("The model is not one tree ensemble classifier or linear model; it can be explained as a black box only.");
        }

        var graph = new GraphColumns(model.Format, signature.Input, features.Count);
        if (estimator.Input is not [var input] || graph.Of(input) is not { } columns)
        {
            return Problem("What stands before the trees or the linear model is not elementwise preparation of single features.");
        }

        if (Tail(model.Format, graph, estimator, signature.Output) is not { } sigmoid)
        {
            return Problem("What stands behind the trees or the linear model changes its probabilities.");
        }

        var prepared = new InputColumns(features, columns);
        var names = prepared.IsIdentity ? features : [.. columns.Select((c, i) => $"{features[c.Source]}#{i}")];
        return estimator.OpType.StartsWith("Tree", StringComparison.Ordinal) ? Trees(estimator, prepared, names, sigmoid) : Linear(estimator, prepared, names, sigmoid);
    }

    private static StructureReading Trees(NodeProto node, InputColumns columns, IReadOnlyList<string> names, bool sigmoid)
    {
        var reading = TreeEnsembleReader.ReadForest(node, names);
        if (reading.Forest is not { } forest)
        {
            return Problem(reading.Problem!);
        }

        if (forest.OutputCount > 2 || (node.OpType == "TreeEnsembleRegressor" && forest.OutputCount != 1))
        {
            return Problem("The trees have several outputs, not one probability.");
        }

        if (forest is { OutputCount: 2, Transform: ForestTransform.Logistic })
        {
            return Problem("The trees have two sums, each with a link of its own.");
        }

        var ensemble = forest.Output(forest.OutputCount - 1);
        return (sigmoid, ensemble.Link) switch
        {
            (false, _) => new(new TreeStructure(columns, ensemble), null),
            (true, TreeLink.Identity) => new(new TreeStructure(columns, ensemble with { Link = TreeLink.Logistic }), null),
            _ => Problem("The link function is applied twice."),
        };
    }

    private static StructureReading Linear(NodeProto node, InputColumns columns, IReadOnlyList<string> names, bool sigmoid)
    {
        var lists = new AttributeLists(node);
        var coefficients = lists.Numbers("coefficients");
        var intercepts = lists.Numbers("intercepts");
        var width = columns.Columns.Count;
        var transform = lists.Word("post_transform");
        double[] Row(int k) => [.. Enumerable.Range(0, width).Select(i => (double)coefficients[(k * width) + i])];
        double Intercept(int k) => intercepts.Count > k ? intercepts[k] : 0;

        if (node.OpType == "LinearRegressor")
        {
            return coefficients.Count == width && intercepts.Count <= 1 && transform is "" or "NONE"
                ? new(new LinearStructure(columns, new LogisticModel(names, Intercept(0), Row(0)), sigmoid ? TreeLink.Logistic : TreeLink.Identity), null)
                : Problem("The linear regression has several targets or a transform.");
        }

        if (sigmoid || coefficients.Count != 2 * width || intercepts.Count is not (0 or 2))
        {
            return Problem("The linear classifier does not weigh exactly two classes.");
        }

        double[] zero = Row(0), one = Row(1);
        var mirrored = zero.Zip(one).All(p => p.First == -p.Second) && Intercept(0) == -Intercept(1);
        return transform switch
        {
            // sigma(z) and sigma(-z) already add to one; without the mirror a normalizer would make something else of them.
            "LOGISTIC" when mirrored => new(new LinearStructure(columns, new LogisticModel(names, Intercept(1), one), TreeLink.Logistic), null),
            "SOFTMAX" => new(new LinearStructure(columns, new LogisticModel(names, Intercept(1) - Intercept(0), [.. one.Zip(zero, (a, b) => a - b)]), TreeLink.Logistic), null),
            _ => Problem("The link of the linear classifier is not logistic."),
        };
    }

    /// <summary>Whether a sigmoid stands between the estimator and the output; null when anything there changes the probabilities otherwise.</summary>
    private static bool? Tail(ModelProto model, GraphColumns graph, NodeProto estimator, string output)
    {
        var at = estimator.OpType.EndsWith("Classifier", StringComparison.Ordinal) && estimator.Output.Count > 1 ? estimator.Output[1] : estimator.Output[0];
        var sigmoid = false;
        foreach (var node in model.Graph.Node.SkipWhile(n => !ReferenceEquals(n, estimator)).Skip(1))
        {
            if (at == output)
            {
                break;
            }

            if (!node.Input.Contains(at))
            {
                continue;
            }

            var neutral = node.OpType switch
            {
                "Identity" or "Cast" or "Reshape" or "Flatten" or "Squeeze" => true,
                "Normalizer" => new AttributeLists(node).Word("norm") is "L1",
                "Mul" or "Div" => node.Input.Where(i => i != at).All(i => graph.Constant(i) is { } ones && ones.All(o => o == 1)),
                "Sigmoid" => true,
                _ => false,
            };
            if (!neutral || (node.OpType == "Sigmoid" && sigmoid))
            {
                return null;
            }

            sigmoid |= node.OpType == "Sigmoid";
            at = node.Output[0];
        }

        return at == output ? sigmoid : null;
    }

    private static StructureReading Problem(string message) => new(null, message);
}

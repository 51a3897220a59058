using Governance.Models.Onnx.Format;
using Governance.Models.Trees;

namespace Governance.Models.Onnx;

/// <summary>The rules of the scan over a decoded model. Each yields at most a few findings: enough to act on, whatever the file holds.</summary>
internal static class OnnxRules
{
    private const int ShownPerRule = 10;

    public static IEnumerable<OnnxFinding> Check(ModelProto model, GraphWalk walk, OnnxLimits limits) =>
        GraphSize(walk, limits)
            .Concat(Operators(model, walk, limits.Operators).Take(ShownPerRule))
            .Concat(ExternalData(walk).Take(ShownPerRule))
            .Concat(Inputs(model, limits).Take(ShownPerRule))
            .Concat(DeclaredShapes(walk, limits).Take(ShownPerRule))
            .Concat(StoredTensors(walk, limits).Take(ShownPerRule))
            .Concat(Trees(walk).Take(ShownPerRule))
            .Concat(Text(model, limits));

    private static IEnumerable<OnnxFinding> GraphSize(GraphWalk walk, OnnxLimits limits)
    {
        if (walk.Nodes.Count > limits.Nodes)
        {
            yield return new(OnnxRule.GraphSize, $"The model has {walk.Nodes.Count} nodes; at most {limits.Nodes} are allowed.");
        }

        if (walk.Tensors.Count > limits.Tensors)
        {
            yield return new(OnnxRule.GraphSize, $"The model stores {walk.Tensors.Count} tensors; at most {limits.Tensors} are allowed.");
        }

        if (walk.Depth > limits.SubgraphDepth)
        {
            yield return new(OnnxRule.GraphSize, $"Graphs are nested {walk.Depth} deep; at most {limits.SubgraphDepth} are allowed.");
        }
    }

    private static IEnumerable<OnnxFinding> Operators(ModelProto model, GraphWalk walk, OnnxOperatorSet allowed)
    {
        foreach (var domain in model.OpsetImport.Select(o => OnnxOperatorSet.Canonical(o.Domain)).Distinct(StringComparer.Ordinal))
        {
            if (!allowed.AllowsDomain(domain) && !walk.Nodes.Exists(n => OnnxOperatorSet.Canonical(n.Domain) == domain))
            {
                yield return new(OnnxRule.Operator, $"The model imports the operator set {Printable.Quote(domain)}, which is not allowed.");
            }
        }

        foreach (var (domain, type) in walk.Nodes.Select(n => (Domain: OnnxOperatorSet.Canonical(n.Domain), n.OpType)).Distinct())
        {
            if (!allowed.AllowsDomain(domain))
            {
                yield return new(OnnxRule.Operator, $"The model uses the custom operator {Printable.Quote(domain + "." + type)}; export it with standard operators.");
            }
            else if (!allowed.Allows(domain, type))
            {
                yield return new(OnnxRule.Operator, $"The operator {Printable.Quote(domain + "." + type)} is not on the list of allowed operators.");
            }
        }

        if (model.Functions.Count > 0)
        {
            yield return new(OnnxRule.Operator, $"The model defines {model.Functions.Count} functions of its own; export it with functions inlined.");
        }

        if (model.TrainingInfo.Count > 0)
        {
            yield return new(OnnxRule.Operator, "The file carries a training graph; export it for inference.");
        }
    }

    private static IEnumerable<OnnxFinding> ExternalData(GraphWalk walk)
    {
        foreach (var tensor in walk.Tensors.Where(t => t.DataLocation is TensorProto.Types.DataLocation.External || t.ExternalData.Count > 0))
        {
            var location = tensor.ExternalData.FirstOrDefault(e => e.Key == "location")?.Value ?? "";
            var leaves = LeavesFolder(location) ? ", a path that leaves the model's folder" : "";
            yield return new(
                OnnxRule.ExternalData,
                $"The tensor {Printable.Quote(tensor.Name)} keeps its values in another file, {Printable.Quote(location)}{leaves}; save the model as one file.");
        }
    }

    /// <summary>Judged as on every system at once: either slash, a drive letter, a scheme.</summary>
    private static bool LeavesFolder(string location) =>
        location.StartsWith('/') || location.StartsWith('\\') || location.Contains(':', StringComparison.Ordinal) || location.Split('/', '\\').Contains("..");

    private static IEnumerable<OnnxFinding> Inputs(ModelProto model, OnnxLimits limits)
    {
        foreach (var input in model.Graph.Input)
        {
            var shape = input.Type?.TensorType?.Shape;
            var dynamic = shape?.Dim.Count(d => !d.HasDimValue) ?? 0;
            if (dynamic > limits.DynamicDimensions)
            {
                yield return new(
                    OnnxRule.Shape,
                    $"The input {Printable.Quote(input.Name)} has {dynamic} dimensions of unknown size; at most {limits.DynamicDimensions} (the batch) is allowed.");
            }

            if (shape?.Dim.Skip(1).FirstOrDefault(d => d.DimValue > limits.Features) is { } wide)
            {
                yield return new(OnnxRule.Shape, $"The input {Printable.Quote(input.Name)} has {wide.DimValue} columns; at most {limits.Features} are allowed.");
            }
        }
    }

    private static IEnumerable<OnnxFinding> DeclaredShapes(GraphWalk walk, OnnxLimits limits) =>
        from graph in walk.Graphs
        from value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo)
        let shape = value.Type?.TensorType?.Shape
        where shape is not null && Elements(shape.Dim.Where(d => d.HasDimValue).Select(d => d.DimValue), limits.TensorElements) is null
        select new OnnxFinding(
            OnnxRule.Shape, $"The value {Printable.Quote(value.Name)} declares a negative size or more than {limits.TensorElements} elements.");

    private static IEnumerable<OnnxFinding> StoredTensors(GraphWalk walk, OnnxLimits limits)
    {
        foreach (var tensor in walk.Tensors.Where(t => t.DataLocation is TensorProto.Types.DataLocation.Default && t.ExternalData.Count == 0))
        {
            if (Elements(tensor.Dims, limits.TensorElements) is not { } elements)
            {
                yield return new(
                    OnnxRule.Shape, $"The tensor {Printable.Quote(tensor.Name)} has a negative size or more than {limits.TensorElements} elements.");
            }
            else if (!HoldsItsElements(tensor, elements))
            {
                yield return new(OnnxRule.Shape, $"The tensor {Printable.Quote(tensor.Name)} does not hold the {elements} elements its shape promises.");
            }
        }

        foreach (var sparse in walk.SparseTensors)
        {
            if (Elements(sparse.Dims, limits.TensorElements) is null)
            {
                yield return new(OnnxRule.Shape, $"A sparse tensor has a negative size or more than {limits.TensorElements} elements.");
            }
        }
    }

    private static bool HoldsItsElements(TensorProto tensor, long elements)
    {
        var bytes = OnnxElementType.Bytes(tensor.DataType);
        if (!tensor.RawData.IsEmpty)
        {
            return bytes > 0 && tensor.RawData.Length == elements * bytes;
        }

        var stored = tensor.FloatData.Count + tensor.Int32Data.Count + tensor.Int64Data.Count + tensor.DoubleData.Count + tensor.Uint64Data.Count + tensor.StringData.Count;
        return stored == elements;
    }

    /// <summary>The product of sizes, or null when one is negative or the product passes the limit.</summary>
    private static long? Elements(IEnumerable<long> sizes, long limit)
    {
        var product = 1L;
        var zero = false;
        foreach (var size in sizes)
        {
            if (size < 0 || (size > 0 && product > limit / size))
            {
                return null;
            }

            zero |= size == 0;
            product *= Math.Max(size, 1);
        }

        return zero ? 0 : product;
    }

    /// <summary>Runtimes follow the links of a tree ensemble without looking: a cycle or a chain without end stops the process.</summary>
    private static IEnumerable<OnnxFinding> Trees(GraphWalk walk)
    {
        foreach (var node in walk.Nodes.Where(TreeNodeTable.IsTreeNode))
        {
            if (TreeNodeTable.Read(node, features: null, out var problem) is null)
            {
                yield return new(OnnxRule.Trees, $"The tree ensemble {Printable.Quote(node.Name)} is malformed: {problem}.");
            }
        }
    }

    private static IEnumerable<OnnxFinding> Text(ModelProto model, OnnxLimits limits)
    {
        if (model.MetadataProps.Count > limits.MetadataEntries)
        {
            yield return new(OnnxRule.Text, $"The model has {model.MetadataProps.Count} metadata entries; at most {limits.MetadataEntries} are allowed.");
        }
    }
}

using Governance.Models.Onnx.Format;

namespace Governance.Models.Onnx;

/// <summary>Turns a decoded model into <see cref="OnnxFacts"/>.</summary>
internal static class OnnxInspector
{
    public static OnnxFacts Inspect(ModelProto model, GraphWalk walk)
    {
        var initialisers = model.Graph.Initializer.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        return new OnnxFacts
        {
            IrVersion = model.IrVersion,
            ProducerName = model.ProducerName,
            ProducerVersion = model.ProducerVersion,
            Domain = model.Domain,
            ModelVersion = model.ModelVersion,
            GraphName = model.Graph.Name,
            Opsets = [.. model.OpsetImport.Select(o => new OnnxOpset(OnnxOperatorSet.Canonical(o.Domain), o.Version))],
            Operators = Operators(walk),
            Inputs = [.. model.Graph.Input.Where(i => !initialisers.Contains(i.Name)).Select(Value)],
            Outputs = [.. model.Graph.Output.Select(Value)],
            NodeCount = walk.Nodes.Count,
            SubgraphDepth = walk.Depth,
            TensorCount = walk.Tensors.Count,
            TensorBytes = walk.Tensors.Sum(StoredBytes),
            Metadata = [.. model.MetadataProps.Select(p => new OnnxMetadata(p.Key, p.Value))],
        };
    }

    public static long StoredBytes(TensorProto tensor) =>
        tensor.RawData.Length +
        (4L * (tensor.FloatData.Count + tensor.Int32Data.Count)) +
        (8L * (tensor.Int64Data.Count + tensor.DoubleData.Count + tensor.Uint64Data.Count)) +
        tensor.StringData.Sum(s => (long)s.Length);

    private static OnnxOperatorUse[] Operators(GraphWalk walk) =>
    [
        .. walk.Nodes
            .GroupBy(n => (Domain: OnnxOperatorSet.Canonical(n.Domain), n.OpType))
            .OrderBy(g => g.Key.Domain, StringComparer.Ordinal).ThenBy(g => g.Key.OpType, StringComparer.Ordinal)
            .Select(g => new OnnxOperatorUse(g.Key.Domain, g.Key.OpType, g.Count())),
    ];

    private static OnnxValue Value(ValueInfoProto value)
    {
        var tensor = value.Type?.TensorType;
        return new OnnxValue(value.Name, Kind(value.Type), tensor is null ? "" : OnnxElementType.Name(tensor.ElemType), Shape(tensor?.Shape));
    }

    private static OnnxValueKind Kind(TypeProto? type) => type?.ValueCase switch
    {
        TypeProto.ValueOneofCase.TensorType => OnnxValueKind.Tensor,
        TypeProto.ValueOneofCase.SparseTensorType => OnnxValueKind.SparseTensor,
        TypeProto.ValueOneofCase.SequenceType => type.SequenceType.ElemType?.MapType is null ? OnnxValueKind.Sequence : OnnxValueKind.SequenceOfMaps,
        TypeProto.ValueOneofCase.MapType => OnnxValueKind.Map,
        TypeProto.ValueOneofCase.OptionalType => OnnxValueKind.Optional,
        _ => OnnxValueKind.Unknown,
    };

    private static OnnxDimension[]? Shape(TensorShapeProto? shape) =>
        shape is null
            ? null
            : [.. shape.Dim.Select(d => d.HasDimValue ? new OnnxDimension(d.DimValue, null) : new OnnxDimension(null, d.DimParam.Length == 0 ? null : d.DimParam))];
}

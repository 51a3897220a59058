using System.Runtime.InteropServices;
using Governance.Models.Onnx;
using Governance.Models.Onnx.Format;
using Governance.Models.Trees;

namespace Governance.Models.Structure;

/// <summary>
/// Follows the preparation nodes of a graph symbolically: each tensor of the shape [N, C] as C columns, each made of one input feature by elementwise
/// steps. What is not of this kind has no columns here. Not thread-safe.
/// </summary>
internal sealed class GraphColumns
{
    private const int MaxColumns = 100_000;
    private const int Int32 = 6;

    private readonly Dictionary<string, DerivedColumn[]> tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double[]> constants = new(StringComparer.Ordinal);

    public GraphColumns(ModelProto model, string input, int features)
    {
        tensors[input] = [.. Enumerable.Range(0, features).Select(f => new DerivedColumn(f, []))];
        foreach (var tensor in model.Graph.Initializer)
        {
            if (Numbers(tensor) is { } values)
            {
                constants[tensor.Name] = values;
            }
        }

        foreach (var node in model.Graph.Node)
        {
            if (node.Output.Count > 0 && Apply(node) is { Length: <= MaxColumns } columns)
            {
                tensors[node.Output[0]] = columns;
            }
        }
    }

    /// <summary>The columns of a tensor, or null.</summary>
    public DerivedColumn[]? Of(string tensor) => tensors.GetValueOrDefault(tensor);

    /// <summary>The values of a constant, or null.</summary>
    public double[]? Constant(string tensor) => constants.GetValueOrDefault(tensor);

    private DerivedColumn[]? Apply(NodeProto node)
    {
        if (node.OpType == "Constant" && node.Attribute is [{ T: { } tensor }] && Numbers(tensor) is { } values)
        {
            constants[node.Output[0]] = values;
            return null;
        }

        if (node.Input.Count == 0)
        {
            return null;
        }

        if (node.OpType is "Concat" or "FeatureVectorizer")
        {
            var parts = node.Input.Select(Of).ToArray();
            return parts.Any(p => p is null) || (node.OpType == "Concat" && Integer(node, "axis") is not (1 or -1)) ? null : [.. parts.SelectMany(p => p!)];
        }

        if (Of(node.Input[0]) is not { } from)
        {
            return node.OpType is "Add" or "Mul" && node.Input.Count == 2 && Of(node.Input[1]) is { } second ? Arithmetic(node.OpType, second, node.Input[0]) : null;
        }

        var lists = new AttributeLists(node);
        return node.OpType switch
        {
            "Identity" or "Flatten" => from,
            "Reshape" => KeepsColumns(node, from.Length) ? from : null,
            "Cast" => Integer(node, "to") switch { OnnxElementType.Float => from, OnnxElementType.Int64 or Int32 => Each(from, new ColumnStep(ColumnOperation.Truncate, 0)), _ => null },
            "Imputer" => Imputer(lists, node, from),
            "Scaler" => Scaler(lists, from),
            "Binarizer" => Each(from, new ColumnStep(ColumnOperation.Above, Float(node, "threshold") ?? 0)),
            "OneHotEncoder" => OneHot(lists, from),
            "ArrayFeatureExtractor" => Pick(from, node.Input.Count > 1 ? Constant(node.Input[1]) : null),
            "Gather" => Integer(node, "axis") is 1 or -1 ? Pick(from, node.Input.Count > 1 ? Constant(node.Input[1]) : null) : null,
            "Add" or "Sub" or "Mul" or "Div" => node.Input.Count == 2 ? Arithmetic(node.OpType, from, node.Input[1]) : null,
            _ => null,
        };
    }

    private bool KeepsColumns(NodeProto node, int columns) =>
        node.Input.Count == 2 && Constant(node.Input[1]) is [var rows, var width] && rows is -1 or 0 && (width == columns || (width == -1 && rows == 0));

    private static DerivedColumn[]? Imputer(AttributeLists lists, NodeProto node, DerivedColumn[] from)
    {
        var values = lists.Numbers("imputed_value_floats");
        var replaced = Float(node, "replaced_value_float") ?? 0;
        return values.Count != from.Length && values.Count != 1
            ? null
            : [.. from.Select((c, i) => c.Then(new ColumnStep(ColumnOperation.Impute, replaced, values[values.Count == 1 ? 0 : i])))];
    }

    private static DerivedColumn[]? Scaler(AttributeLists lists, DerivedColumn[] from)
    {
        var (offset, scale) = (lists.Numbers("offset"), lists.Numbers("scale"));
        return offset.Count != scale.Count || (offset.Count != from.Length && offset.Count != 1)
            ? null
            : [.. from.Select((c, i) => c.Then(new ColumnStep(ColumnOperation.Scale, offset[offset.Count == 1 ? 0 : i], scale[offset.Count == 1 ? 0 : i])))];
    }

    /// <summary>Of one column [N, 1]: the node makes [N, 1, K], which a reshape or a vectorizer flattens.</summary>
    private static DerivedColumn[]? OneHot(AttributeLists lists, DerivedColumn[] from)
    {
        var categories = lists.Integers("cats_int64s");
        return from.Length != 1 || categories.Count == 0 || categories.Any(c => Math.Abs(c) > 1 << 24)
            ? null
            : [.. categories.Select(c => from[0].Then(new ColumnStep(ColumnOperation.Truncate, 0)).Then(new ColumnStep(ColumnOperation.Equals, c)))];
    }

    private static DerivedColumn[]? Pick(DerivedColumn[] from, double[]? indices) =>
        indices is null || indices.Any(i => i < 0 || i >= from.Length) ? null : [.. indices.Select(i => from[(int)i])];

    private DerivedColumn[]? Arithmetic(string operation, DerivedColumn[] from, string other)
    {
        if (Constant(other) is not { } values || (values.Length != from.Length && values.Length != 1))
        {
            return null;
        }

        return [.. from.Select((c, i) =>
        {
            var value = (float)values[values.Length == 1 ? 0 : i];
            return c.Then(operation switch
            {
                "Add" => new ColumnStep(ColumnOperation.Add, value),
                "Sub" => new ColumnStep(ColumnOperation.Add, -value),
                "Mul" => new ColumnStep(ColumnOperation.Multiply, value),
                _ => new ColumnStep(ColumnOperation.Divide, value),
            });
        })];
    }

    private static DerivedColumn[] Each(DerivedColumn[] from, ColumnStep step) => [.. from.Select(c => c.Then(step))];

    private static long? Integer(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name)?.I;

    private static float? Float(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name)?.F;

    /// <summary>Values of a float32 or int64 tensor of modest size.</summary>
    private static double[]? Numbers(TensorProto tensor)
    {
        if (tensor.DataType == OnnxElementType.Float)
        {
            return tensor.FloatData.Count > 0 ? [.. tensor.FloatData.Select(v => (double)v)] : Raw<float>(tensor, v => v);
        }

        return tensor.DataType == OnnxElementType.Int64 ? tensor.Int64Data.Count > 0 ? [.. tensor.Int64Data.Select(v => (double)v)] : Raw<long>(tensor, v => v) : null;
    }

    private static double[]? Raw<T>(TensorProto tensor, Func<T, double> widen)
        where T : unmanaged =>
        tensor.RawData.Length > MaxColumns * sizeof(long) ? null : Array.ConvertAll(MemoryMarshal.Cast<byte, T>(tensor.RawData.Span).ToArray(), v => widen(v));
}

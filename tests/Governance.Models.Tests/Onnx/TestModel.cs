using Google.Protobuf;
using Governance.Models.Onnx;
using Governance.Models.Onnx.Format;

namespace Governance.Models.Tests.Onnx;

/// <summary>A small valid model, to be spoiled by tests.</summary>
internal static class TestModel
{
    public static readonly string[] Features = ["income", "debt"];

    public static LogisticModel Logistic { get; } = new(Features, -0.25, [0.5, -1.5]);

    public static ModelProto Valid() => ModelProto.Parser.ParseFrom(OnnxWriter.Write(Logistic, "test"));

    public static OnnxScan Scan(ModelProto model, OnnxLimits? limits = null) => OnnxScanner.Scan(model.ToByteArray(), limits ?? OnnxLimits.Default);

    public static OnnxScan Scan(Action<ModelProto> spoil, OnnxLimits? limits = null)
    {
        var model = Valid();
        spoil(model);
        return Scan(model, limits);
    }

    public static TensorProto Tensor(string name, params long[] dims) => new() { Name = name, DataType = 1, Dims = { dims } };

    public static TensorShapeProto.Types.Dimension Size(long size) => new() { DimValue = size };

    public static TensorShapeProto.Types.Dimension Named(string name) => new() { DimParam = name };

    /// <summary>A chain of <c>If</c> nodes, each holding the next graph.</summary>
    public static GraphProto Nested(int depth)
    {
        var graph = new GraphProto { Name = "innermost" };
        for (var i = 0; i < depth; i++)
        {
            graph = new GraphProto { Node = { new NodeProto { OpType = "If", Attribute = { new AttributeProto { Name = "then_branch", G = graph } } } } };
        }

        return graph;
    }
}

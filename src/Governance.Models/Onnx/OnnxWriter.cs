using Google.Protobuf;
using Governance.Models.Onnx.Format;

namespace Governance.Models.Onnx;

/// <summary>
/// Writes our own models as ONNX: one classifier node, input <c>features</c> float[N, F], outputs <c>label</c> int64[N] and <c>probabilities</c> float[N, 2].
/// Equal models give equal bytes.
/// </summary>
public static class OnnxWriter
{
    private const string Input = "features";

    /// <summary>A <c>LinearClassifier</c> with a logistic link.</summary>
    public static byte[] Write(LogisticModel model, string name) => Write(
        name,
        model.Features,
        new NodeProto
        {
            OpType = "LinearClassifier",
            Attribute =
            {
                Numbers("coefficients", model.Coefficients.Select(c => -c).Concat(model.Coefficients)),
                Numbers("intercepts", [-model.Intercept, model.Intercept]),
                Integers("classlabels_ints", [0, 1]),
                Word("post_transform", "LOGISTIC"),
            },
        });

    private static byte[] Write(string name, IReadOnlyList<string> features, NodeProto classifier)
    {
        classifier.Name = "classifier";
        classifier.Domain = OnnxOperatorSet.MachineLearningDomain;
        classifier.Input.Add(Input);
        classifier.Output.Add(["label", "probabilities"]);
        var model = new ModelProto
        {
            IrVersion = 8,
            ProducerName = "governance",
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 15 }, new OperatorSetIdProto { Domain = OnnxOperatorSet.MachineLearningDomain, Version = 3 } },
            MetadataProps = { new StringStringEntryProto { Key = "features", Value = string.Join(',', features) } },
            Graph = new GraphProto
            {
                Name = name,
                Node = { classifier },
                Input = { Value(Input, OnnxElementType.Float, features.Count) },
                Output = { Value("label", OnnxElementType.Int64), Value("probabilities", OnnxElementType.Float, 2) },
            },
        };
        return model.ToByteArray();
    }

    private static ValueInfoProto Value(string name, int elementType, params ReadOnlySpan<int> sizes)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" } } };
        foreach (var size in sizes)
        {
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = elementType, Shape = shape } } };
    }

    private static AttributeProto Numbers(string name, IEnumerable<double> values) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Floats, Floats = { values.Select(v => (float)v) } };

    private static AttributeProto Integers(string name, IEnumerable<long> values) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    private static AttributeProto Word(string name, string value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };
}

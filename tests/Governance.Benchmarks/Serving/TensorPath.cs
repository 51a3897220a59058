using System.Text;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Serving.Protocol;

namespace Governance.Benchmarks.Serving;

/// <summary>What the way of the values allocates: request bytes to floats to scores. Measured as what 490 more features of one row cost.</summary>
internal static class TensorPath
{
    /// <returns>Bytes for each request; 0 when no value costs any.</returns>
    public static double BytesAllocated() => Allocated(500) - Allocated(10);

    private static double Allocated(int features)
    {
        string[] names = [.. Enumerable.Range(0, features).Select(i => $"f{i}")];
        var model = OnnxScanner.Scan(OnnxWriter.Write(new LogisticModel(names, 0, [.. names.Select(_ => 0.01)]), "wide"), OnnxLimits.Default).Model!;
        using var scorer = new OnnxScorer(model, names);
        var scores = new double[1];
        var shape = new InferenceShape(scorer.Signature.Input, names, 1);
        var body = Encoding.UTF8.GetBytes(
            $$"""{"parameters":{"subject_id":"S"},"inputs":[{"name":"{{shape.InputName}}","shape":[1,{{features}}],"datatype":"FP32","data":[{{string.Join(',', Enumerable.Repeat("0.25", features))}}]}]}""");
        return Timing.Measure(() =>
        {
            using var call = InferenceRequestReader.Read(body, shape).Call!;
            scorer.Score(call.Features.Span, scores, CancellationToken.None);
        }).Bytes;
    }
}

using Google.Protobuf;
using Governance.Core;
using Governance.Models.Onnx.Format;

namespace Governance.Models.Onnx;

/// <summary>
/// Reads an ONNX file as hostile input and decides, before any runtime sees it, whether it may be loaded. Every broken rule is reported, except that
/// a file too large, too complex or not ONNX is not decoded and so has that one finding. Thread-safe, no side effects.
/// </summary>
public static class OnnxScanner
{
    /// <summary>Scans a file. A file over the size limit is refused by its length alone.</summary>
    public static async Task<OnnxScan> ScanFileAsync(string path, OnnxLimits limits, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        await using (file)
        {
            if (file.Length > limits.FileBytes)
            {
                return TooLarge(file.Length, limits);
            }

            var content = new byte[file.Length];
            await file.ReadExactlyAsync(content, cancellationToken);
            return Scan(content, limits);
        }
    }

    /// <summary>Scans the bytes of a file. The bytes must not change afterwards: an accepted model keeps them.</summary>
    public static OnnxScan Scan(ReadOnlyMemory<byte> file, OnnxLimits limits)
    {
        if (file.Length > limits.FileBytes)
        {
            return TooLarge(file.Length, limits);
        }

        if (WirePreflight.Check(file.Span, ModelProto.Descriptor, limits) is { } finding)
        {
            return Refused(finding);
        }

        ModelProto model;
        try
        {
            model = ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(file.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return Refused(new(OnnxRule.Format, "The file is not an ONNX model, or it is cut off or damaged."));
        }

        if (model.IrVersion <= 0 || model.Graph is null || model.OpsetImport.Count == 0 || model.Graph.Output.Count == 0)
        {
            return Refused(new(OnnxRule.Format, "The file is not an ONNX model: it has no format version, operator set, graph or output."));
        }

        var walk = GraphWalk.Of(model);
        var findings = OnnxRules.Check(model, walk, limits).ToArray();
        return findings.Length > 0
            ? new OnnxScan(findings, null)
            : new OnnxScan([], new ScannedModel(file, Digest.Of(file.Span), model, OnnxInspector.Inspect(model, walk)));
    }

    private static OnnxScan TooLarge(long bytes, OnnxLimits limits) =>
        Refused(new(OnnxRule.FileSize, $"The file has {bytes} bytes; at most {limits.FileBytes} are allowed. It was not read."));

    private static OnnxScan Refused(OnnxFinding finding) => new([finding], null);
}

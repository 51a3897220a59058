using Governance.Core;
using Governance.Models.Onnx.Format;

namespace Governance.Models.Onnx;

/// <summary>The outcome of a scan: findings, or a model that may be loaded. Immutable.</summary>
/// <param name="Findings">Empty exactly when <paramref name="Model"/> is present.</param>
public sealed record OnnxScan(IReadOnlyList<OnnxFinding> Findings, ScannedModel? Model)
{
    public bool Passed => Model is not null;
}

/// <summary>An ONNX file that passed the scan. Only <see cref="OnnxScanner"/> makes one, so what takes it cannot be given an unscanned file. Immutable and thread-safe.</summary>
public sealed class ScannedModel
{
    internal ScannedModel(ReadOnlyMemory<byte> content, Digest digest, ModelProto format, OnnxFacts facts)
    {
        Content = content;
        Digest = digest;
        Format = format;
        Facts = facts;
        Signature = OnnxSignature.Infer(format, facts);
    }

    public ReadOnlyMemory<byte> Content { get; }

    public Digest Digest { get; }

    public OnnxFacts Facts { get; }

    /// <summary>How to call it as a binary classifier, or why that cannot be told.</summary>
    public SignatureOutcome Signature { get; }

    internal ModelProto Format { get; }
}

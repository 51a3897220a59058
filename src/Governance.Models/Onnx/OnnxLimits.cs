namespace Governance.Models.Onnx;

/// <summary>
/// What an ONNX file may contain before anything loads it. The defaults fit tabular credit models with room to spare;
/// an operator may change them, a model cannot. Immutable.
/// </summary>
public sealed record OnnxLimits
{
    public static OnnxLimits Default { get; } = new();

    /// <summary>Largest file in bytes; of a larger one nothing is read. Default 256 MiB.</summary>
    public long FileBytes { get; init; } = 256L << 20;

    /// <summary>Most messages, strings and scalars in the file, counted before any is built. Default 64 million.</summary>
    public long FileItems { get; init; } = 64L << 20;

    /// <summary>Deepest nesting of messages in the file, subgraphs included. Default 64.</summary>
    public int FileNesting { get; init; } = 64;

    /// <summary>Longest name, document string or metadata value in UTF-8 bytes. Default 64 KiB.</summary>
    public int StringBytes { get; init; } = 64 << 10;

    /// <summary>Most nodes over all graphs. Default 10,000.</summary>
    public int Nodes { get; init; } = 10_000;

    /// <summary>Most initialisers and constant tensors over all graphs. Default 10,000.</summary>
    public int Tensors { get; init; } = 10_000;

    /// <summary>Most elements of one tensor, stored or declared. Default 16 million.</summary>
    public long TensorElements { get; init; } = 16L << 20;

    /// <summary>Most columns of the model's input. Default 10,000.</summary>
    public int Features { get; init; } = 10_000;

    /// <summary>Most dimensions of unknown size in one input: the batch, and no more. Default 1.</summary>
    public int DynamicDimensions { get; init; } = 1;

    /// <summary>Deepest nesting of graphs inside nodes; 0 is the main graph alone. Default 4.</summary>
    public int SubgraphDepth { get; init; } = 4;

    /// <summary>Most metadata entries. Default 256.</summary>
    public int MetadataEntries { get; init; } = 256;

    /// <summary>Operators that may be used.</summary>
    public OnnxOperatorSet Operators { get; init; } = OnnxOperatorSet.Tabular;
}

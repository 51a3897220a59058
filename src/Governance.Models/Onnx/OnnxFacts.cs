namespace Governance.Models.Onnx;

/// <summary>What an ONNX file says of itself, read from the file without running it. Immutable.</summary>
public sealed record OnnxFacts
{
    /// <summary>Version of the file format.</summary>
    public required long IrVersion { get; init; }

    public required string ProducerName { get; init; }

    public required string ProducerVersion { get; init; }

    /// <summary>The name space the producer gives the model; not an operator domain.</summary>
    public required string Domain { get; init; }

    public required long ModelVersion { get; init; }

    public required string GraphName { get; init; }

    /// <summary>Operator set version by domain, in file order.</summary>
    public required IReadOnlyList<OnnxOpset> Opsets { get; init; }

    /// <summary>Operators of all graphs with their counts, by domain and name.</summary>
    public required IReadOnlyList<OnnxOperatorUse> Operators { get; init; }

    /// <summary>Inputs the caller gives; initialisers that older files list as inputs are left out.</summary>
    public required IReadOnlyList<OnnxValue> Inputs { get; init; }

    public required IReadOnlyList<OnnxValue> Outputs { get; init; }

    public required int NodeCount { get; init; }

    /// <summary>Deepest nesting of graphs inside nodes; 0 when there are none.</summary>
    public required int SubgraphDepth { get; init; }

    /// <summary>Tensors stored in the file: initialisers and constants.</summary>
    public required int TensorCount { get; init; }

    /// <summary>Bytes their values take.</summary>
    public required long TensorBytes { get; init; }

    public required IReadOnlyList<OnnxMetadata> Metadata { get; init; }
}

public sealed record OnnxOpset(string Domain, long Version);

public sealed record OnnxOperatorUse(string Domain, string Type, int Count);

public sealed record OnnxMetadata(string Key, string Value);

/// <summary>What an input or output holds.</summary>
public enum OnnxValueKind
{
    /// <summary>No type declared.</summary>
    Unknown,
    Tensor,
    SparseTensor,
    Sequence,
    Map,

    /// <summary>A sequence of maps from class to probability: what a ZipMap node returns.</summary>
    SequenceOfMaps,
    Optional,
}

/// <summary>An input or output as declared. Immutable.</summary>
/// <param name="ElementType">Of tensors, in the format's words (<c>float</c>, <c>int64</c>, …); empty for other kinds.</param>
/// <param name="Shape">Dimensions; null when the file declares none.</param>
public sealed record OnnxValue(string Name, OnnxValueKind Kind, string ElementType, IReadOnlyList<OnnxDimension>? Shape)
{
    /// <summary>For people: <c>float[N, 23]</c>.</summary>
    public override string ToString() =>
        Kind is OnnxValueKind.Tensor ? ElementType + (Shape is null ? "[shape unknown]" : $"[{string.Join(", ", Shape)}]") : Kind.ToString();
}

/// <summary>One dimension: a size, or a name or nothing when it is decided by each call. Immutable.</summary>
public sealed record OnnxDimension(long? Size, string? Name)
{
    public override string ToString() => Size?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? (string.IsNullOrEmpty(Name) ? "?" : Name);
}

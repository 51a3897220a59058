namespace Governance.Models.Onnx;

/// <summary>The rule of the scan that a file broke.</summary>
public enum OnnxRule
{
    /// <summary>The file is larger than <see cref="OnnxLimits.FileBytes"/>; it was not read.</summary>
    FileSize,

    /// <summary>The bytes are not an ONNX model: empty, truncated, damaged or another format.</summary>
    Format,

    /// <summary>More items or deeper nesting than the limits allow; the file was not decoded.</summary>
    Complexity,

    /// <summary>A tensor points at data outside the file.</summary>
    ExternalData,

    /// <summary>An operator outside the allowed set, or a function or training graph of the model's own.</summary>
    Operator,

    /// <summary>Too many nodes or tensors, or graphs nested too deeply.</summary>
    GraphSize,

    /// <summary>A declared or stored shape is negative, too large, too dynamic, or does not match its data.</summary>
    Shape,

    /// <summary>The nodes of a tree ensemble do not form trees.</summary>
    Trees,

    /// <summary>A name, text or metadata entry beyond the limits.</summary>
    Text,
}

/// <summary>One reason to refuse a file. Immutable.</summary>
/// <param name="Message">A sentence that says what was found, where, and what is allowed. Text from the file is shortened and made printable.</param>
public sealed record OnnxFinding(OnnxRule Rule, string Message);

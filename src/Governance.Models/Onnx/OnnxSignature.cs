using Governance.Models.Onnx.Format;

namespace Governance.Models.Onnx;

/// <summary>Where the probability of label 1 stands in the output.</summary>
public enum ProbabilityLayout
{
    /// <summary><c>float[N, 2]</c>: column 0 is label 0, column 1 is label 1.</summary>
    TwoColumns,

    /// <summary><c>float[N, 1]</c>.</summary>
    OneColumn,

    /// <summary><c>float[N]</c>.</summary>
    Vector,
}

/// <summary>How to call a model as a binary classifier. Immutable.</summary>
/// <param name="Input">Name of the <c>float[N, F]</c> input.</param>
/// <param name="FeatureCount">F.</param>
/// <param name="SingleRow">The batch dimension is fixed at 1: rows go in one by one.</param>
/// <param name="Output">Name of the probability output.</param>
public sealed record OnnxSignature(string Input, int FeatureCount, bool SingleRow, string Output, ProbabilityLayout Layout)
{
    internal static SignatureOutcome Infer(ModelProto model, OnnxFacts facts)
    {
        if (facts.Inputs is not [{ Kind: OnnxValueKind.Tensor, ElementType: OnnxElementType.FloatName, Shape: [var batch, { Size: > 0 and var features }] } input]
            || batch.Size is not (null or 1))
        {
            return Problem($"The model takes ({string.Join("; ", facts.Inputs.Take(4))}); it must take one input float[N, F] with F given. Export it with a single float input.");
        }

        if (ClassesProblem(model) is { } problem)
        {
            return Problem(problem);
        }

        var candidates = facts.Outputs
            .Select(o => (Output: o, Layout: LayoutOf(o)))
            .Where(o => o.Layout is not null)
            .OrderBy(o => o.Layout).ThenByDescending(o => o.Output.Name.Contains("prob", StringComparison.OrdinalIgnoreCase))
            .ToArray();
        if (candidates.Length == 0)
        {
            return Problem(facts.Outputs.Any(o => o.Kind is OnnxValueKind.SequenceOfMaps)
                ? "The model returns its probabilities as a sequence of maps (ZipMap). Export it again without ZipMap, so that the output is a float[N, 2] tensor (skl2onnx: options={'zipmap': False})."
                : $"The model returns ({string.Join("; ", facts.Outputs.Take(4))}); one output must be float[N, 2], float[N, 1] or float[N] with the probability of label 1.");
        }

        var best = candidates[0];
        return candidates.Count(c => c.Layout == best.Layout) > 1 && !best.Output.Name.Contains("prob", StringComparison.OrdinalIgnoreCase)
            ? Problem("The model has several outputs that could be the probability; name one 'probabilities'.")
            : new SignatureOutcome(new(input.Name, (int)features, batch.Size == 1, best.Output.Name, best.Layout!.Value), null);
    }

    private static SignatureOutcome Problem(string message) => new(null, message);

    private static ProbabilityLayout? LayoutOf(OnnxValue output) => output switch
    {
        { Kind: not OnnxValueKind.Tensor } or { ElementType: not OnnxElementType.FloatName } => null,
        { Shape: [_, { Size: 2 }] } => ProbabilityLayout.TwoColumns,
        { Shape: [_, { Size: 1 }] } => ProbabilityLayout.OneColumn,
        { Shape: [_] } => ProbabilityLayout.Vector,
        _ => null,
    };

    /// <summary>Classes other than 0 and 1, in this order, would put another label's probability in column 1 without a sign.</summary>
    private static string? ClassesProblem(ModelProto model)
    {
        foreach (var attribute in model.Graph.Node.SelectMany(n => n.Attribute))
        {
            if (attribute.Name is "classlabels_int64s" or "classlabels_ints" && attribute.Ints.Count > 0 && !attribute.Ints.SequenceEqual([0L, 1L]))
            {
                return $"The classifier's classes are ({string.Join(", ", attribute.Ints.Take(4))}); they must be 0 and 1, in this order. Train it on labels 0 and 1.";
            }

            if (attribute.Name is "classlabels_strings" && attribute.Strings.Count > 0)
            {
                return "The classifier's classes are words; which of them is label 1 cannot be told. Train it on labels 0 and 1.";
            }
        }

        return null;
    }
}

/// <summary>A signature, or the sentence that says why there is none. Exactly one is present. Immutable.</summary>
public sealed record SignatureOutcome(OnnxSignature? Signature, string? Problem);

namespace Governance.Serving.Protocol;

/// <summary>The outputs of a route.</summary>
[Flags]
public enum AnswerOutputs
{
    None = 0,

    /// <summary><c>score</c>, FP64 <c>[rows]</c>: the probability of label 1.</summary>
    Score = 1,

    /// <summary><c>decision</c>, BYTES <c>[rows]</c>: see <see cref="Decisions"/>.</summary>
    Decision = 2,

    All = Score | Decision,
}

/// <summary>Which outputs a caller wants, and which of them as raw bytes after the JSON (extension <c>binary_tensor_data</c>).</summary>
/// <param name="Wanted">At least one.</param>
/// <param name="Binary">Those of <paramref name="Wanted"/> that are to be binary.</param>
public readonly record struct OutputSelection(AnswerOutputs Wanted, AnswerOutputs Binary)
{
    /// <summary>Everything, as JSON.</summary>
    public static OutputSelection All { get; } = new(AnswerOutputs.All, AnswerOutputs.None);

    public bool Wants(AnswerOutputs output) => (Wanted & output) != AnswerOutputs.None;

    public bool IsBinary(AnswerOutputs output) => (Binary & output) != AnswerOutputs.None;
}

namespace Governance.Serving.Protocol;

/// <summary>An inference request that was read and fits the route's model. Immutable.</summary>
/// <param name="Id">The caller's request id; null when it sent none.</param>
/// <param name="Subjects">The data subject of each row; the first where it has several.</param>
/// <param name="Features">Row-major <c>[Rows, features of the model]</c>, all finite.</param>
public sealed record InferenceCall(string? Id, IReadOnlyList<string> Subjects, ReadOnlyMemory<float> Features, int Rows)
{
    /// <summary>What the answer is for (parameter <c>purpose</c>); null when the caller does not say.</summary>
    public string? Purpose { get; init; }

    /// <summary>Where the person lives (parameter <c>jurisdiction</c>); null when the caller does not say.</summary>
    public string? Jurisdiction { get; init; }

    /// <summary>Whether the reasons of adverse decisions are asked for (parameter <c>reasons</c>).</summary>
    public bool Reasons { get; init; }

    /// <summary>Whether a change that would turn an adverse decision is asked for (parameter <c>counterfactual</c>).</summary>
    public bool Counterfactual { get; init; }

    /// <summary>Further data subjects of rows about several people (co-borrowers), by row; most requests have none.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<string>> CoSubjects { get; init; } = System.Collections.Frozen.FrozenDictionary<int, IReadOnlyList<string>>.Empty;

    /// <summary>All data subjects of a row, each once.</summary>
    public IReadOnlyList<string> SubjectsOf(int row) => CoSubjects.TryGetValue(row, out var more) ? [Subjects[row], .. more] : [Subjects[row]];
}

/// <summary>Why a request cannot be read. Maps to one HTTP status; holds nothing of the payload.</summary>
/// <param name="Status">400 not JSON, 413 too many rows, 422 wrong shape, type or value.</param>
public sealed record InferenceFault(int Status, string Code, string Detail);

/// <summary>What a request must fit.</summary>
/// <param name="InputName">Name of the model's input tensor.</param>
public sealed record InferenceShape(string InputName, int Features, int MaxRows);

using System.Buffers;
using System.Collections.Frozen;
using Governance.Core.Serving;

namespace Governance.Serving.Protocol;

/// <summary>
/// An inference request that was read and fits the route's model. Immutable. Its features may lie in a rented buffer: they are valid until the
/// call is disposed, and who needs them longer keeps a <see cref="Copy"/>.
/// </summary>
/// <param name="Id">The caller's request id; null when it sent none.</param>
/// <param name="Subjects">The data subject of each row; the first where it has several.</param>
/// <param name="Features">Row-major <c>[Rows, features of the model]</c>, all finite.</param>
public sealed record InferenceCall(string? Id, IReadOnlyList<string> Subjects, ReadOnlyMemory<float> Features, int Rows) : IDisposable
{
    private Lease? lease;

    /// <summary>What the answer is for (parameter <c>purpose</c>); null when the caller does not say.</summary>
    public string? Purpose { get; init; }

    /// <summary>Where the person lives (parameter <c>jurisdiction</c>); null when the caller does not say.</summary>
    public string? Jurisdiction { get; init; }

    /// <summary>Whether the reasons of adverse decisions are asked for (parameter <c>reasons</c>).</summary>
    public bool Reasons { get; init; }

    /// <summary>Whether it is asked what would have turned adverse decisions (parameter <c>counterfactuals</c>).</summary>
    public bool Counterfactuals { get; init; }

    /// <summary>Protected groups the caller gave (parameter <c>groups</c>); null when it gave none. Never scored.</summary>
    public CallGroups? Groups { get; init; }

    /// <summary>Further data subjects of rows about several people (co-borrowers), by row; most requests have none.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<string>> CoSubjects { get; init; } = FrozenDictionary<int, IReadOnlyList<string>>.Empty;

    /// <summary>Which outputs the caller wants, and in what form.</summary>
    public OutputSelection Outputs { get; init; } = OutputSelection.All;

    /// <summary>All data subjects of a row, each once.</summary>
    public IReadOnlyList<string> SubjectsOf(int row) => CoSubjects.TryGetValue(row, out var more) ? [Subjects[row], .. more] : [Subjects[row]];

    /// <summary>The same call with features of its own, which outlive this one.</summary>
    public InferenceCall Copy() => this with { Features = Features.ToArray(), lease = null };

    /// <summary>Gives a rented buffer back, once. The features must not be read any more.</summary>
    public void Dispose() => lease?.End();

    internal InferenceCall Renting(float[] buffer)
    {
        lease = new Lease(buffer);
        return this;
    }

    /// <summary>A rented buffer, shared by all records made from one, given back by the first that is disposed.</summary>
    private sealed class Lease(float[] buffer)
    {
        private float[]? rented = buffer;

        public void End()
        {
            if (Interlocked.Exchange(ref rented, null) is { } given)
            {
                ArrayPool<float>.Shared.Return(given);
            }
        }
    }
}

/// <summary>Why a request cannot be read. Maps to one HTTP status; holds nothing of the payload.</summary>
/// <param name="Status">400 not JSON or not the lengths it says, 413 too many rows, 422 wrong shape, type or value.</param>
public sealed record InferenceFault(int Status, string Code, string Detail);

/// <summary>What a request must fit.</summary>
/// <param name="InputName">Name of the model's input tensor.</param>
/// <param name="Features">Names of its columns, in order: each may also come as a tensor of its own.</param>
public sealed record InferenceShape(string InputName, IReadOnlyList<string> Features, int MaxRows)
{
    /// <summary>Protected attributes a caller may give; null when the route takes none.</summary>
    public IReadOnlyList<GroupAttribute>? Groups { get; init; }
}

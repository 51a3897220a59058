using Governance.Core.Identity;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;

namespace Governance.Serving.Recording;

/// <summary>A call with what its answer will say: what is to be recorded. Immutable.</summary>
/// <param name="Scores">One for each row.</param>
/// <param name="Decisions">One for each row; see <see cref="Serving.Decisions"/>.</param>
/// <param name="Explanations">For each row, null for one without; null when no row has any.</param>
public readonly record struct ScoredCall(
    InferenceCall Call,
    RouteOutcome.Serves Route,
    Caller Client,
    ReadOnlyMemory<double> Scores,
    ReadOnlyMemory<string> Decisions,
    IReadOnlyList<RowExplanation?>? Explanations)
{
    /// <summary>For each row whether its decision waits for a person; null when none does.</summary>
    public IReadOnlyList<bool>? Reviews { get; init; }

    /// <summary>A shadow's: recorded as such, and never answered.</summary>
    public bool IsShadow { get; init; }
}

using Governance.Serving.Protocol;
using Governance.Serving.Routing;

namespace Governance.Serving;

/// <summary>
/// Told of every answer, refusal and failure after it is recorded. On the path of each request: implementations must not block, throw, or
/// allocate much, and copy what they keep. Thread-safe.
/// </summary>
public interface IInferenceObserver
{
    /// <summary>A request was answered.</summary>
    /// <param name="call">Its features are valid during this call only.</param>
    /// <param name="scores">Of each row.</param>
    /// <param name="decisions">Of each row; see <see cref="Decisions"/>.</param>
    /// <param name="elapsed">From the read request to the recorded answer.</param>
    void Answered(RouteOutcome.Serves route, InferenceCall call, ReadOnlySpan<double> scores, ReadOnlySpan<string> decisions, TimeSpan elapsed);

    /// <summary>A route that answers gave no answer to a request.</summary>
    /// <param name="code">The problem code the caller saw.</param>
    void NotAnswered(RouteOutcome.Serves route, string code, TimeSpan elapsed);

    /// <summary>A request was not answered before it was known who would.</summary>
    /// <param name="route">As the caller wrote it: a route may not exist by this name.</param>
    /// <param name="version">That would have answered, as far as it was known.</param>
    /// <param name="code">The problem code the caller saw.</param>
    void NotAnswered(string route, int? version, string code, TimeSpan elapsed);
}

using Governance.Core.State;
using Governance.Serving.Routing;

namespace Governance.Serving;

/// <summary>A version of a model as a route asks it: in this process, on another server, or a pipeline of both. Implementations are thread-safe.</summary>
public interface IScorer
{
    /// <summary>Name of the input tensor that holds all features.</summary>
    string InputName { get; }

    /// <summary>Feature names in the order of the input's columns.</summary>
    IReadOnlyList<string> Features { get; }

    /// <summary>Scores whole rows. What is in process completes at once.</summary>
    /// <param name="features">Row-major <c>[rows, Features.Count]</c>; the caller's own until the call is done.</param>
    /// <param name="rows">At least one.</param>
    /// <param name="scores">Receives one probability of label 1, from 0 to 1, for each row.</param>
    /// <exception cref="ScoringException">There is no score: nothing is answered.</exception>
    ValueTask ScoreAsync(ReadOnlyMemory<float> features, int rows, Memory<double> scores, CancellationToken cancellationToken);
}

/// <summary>Where the scorer of a version comes from. Thread-safe.</summary>
public interface IScorerSource
{
    /// <summary>The scorer by which <paramref name="version"/> answers on <paramref name="route"/>, made ready now if it was not.</summary>
    /// <exception cref="ScoringException">It cannot be had: nothing is answered.</exception>
    ValueTask<IScorer> GetAsync(RouteOutcome.Serves route, VersionState version, CancellationToken cancellationToken);
}

/// <summary>A model, or the server it is on, gives no score. The message may be shown to the caller; it holds nothing of the payload.</summary>
/// <param name="code">A problem code, such as <c>model-failed</c>.</param>
public sealed class ScoringException(string code, string message, Exception? cause = null) : Exception(message, cause)
{
    public const string ModelFailed = "model-failed";

    public string Code { get; } = code;
}

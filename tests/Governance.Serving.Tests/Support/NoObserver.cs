using Governance.Serving.Protocol;
using Governance.Serving.Routing;

namespace Governance.Serving.Tests.Support;

/// <summary>Watches nothing.</summary>
internal sealed class NoObserver : IInferenceObserver
{
    public static NoObserver Instance { get; } = new();

    /// <inheritdoc/>
    public void Answered(RouteOutcome.Serves route, InferenceCall call, ReadOnlySpan<double> scores, ReadOnlySpan<string> decisions, TimeSpan elapsed)
    {
    }

    /// <inheritdoc/>
    public void NotAnswered(RouteOutcome.Serves route, string code, TimeSpan elapsed)
    {
    }

    /// <inheritdoc/>
    public void NotAnswered(string route, int? version, string code, TimeSpan elapsed)
    {
    }
}

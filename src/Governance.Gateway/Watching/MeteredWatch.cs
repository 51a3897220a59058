using Governance.Serving;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;
using Governance.Serving.Watching;

namespace Governance.Gateway.Watching;

/// <summary>What the request path tells: counted for the pages and monitors, and measured for OpenTelemetry. Thread-safe.</summary>
internal sealed class MeteredWatch(LiveWatch watch, InferenceMeter meter) : IInferenceObserver
{
    /// <inheritdoc/>
    public void Answered(RouteOutcome.Serves route, InferenceCall call, ReadOnlySpan<double> scores, ReadOnlySpan<string> decisions, TimeSpan elapsed)
    {
        watch.Answered(route, call, scores, decisions, elapsed);
        var adverse = 0;
        foreach (var decision in decisions)
        {
            adverse += decision == Decisions.Adverse ? 1 : 0;
        }

        meter.Answered(new ArmKey(route.Route.Name, route.Version.Number, route.Arm), adverse, decisions.Length - adverse, elapsed);
    }

    /// <inheritdoc/>
    public void NotAnswered(RouteOutcome.Serves route, string code, TimeSpan elapsed)
    {
        watch.NotAnswered(route, code, elapsed);
        meter.NotAnswered(route.Route.Name, route.Version.Number, code);
    }

    /// <inheritdoc/>
    public void NotAnswered(string route, int? version, string code, TimeSpan elapsed)
    {
        watch.NotAnswered(route, version, code, elapsed);

        // Without a version the name may be made up: it must not become a tag.
        if (version is { } number)
        {
            meter.NotAnswered(route, number, code);
        }
    }
}

using Governance.Client.Contracts;
using Governance.Client.Transport;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    /// <summary>How to call a route: names and shapes of its tensors. Conflict when nothing is promoted to it.</summary>
    public Task<RouteMetadata> GetRouteAsync(string route, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<RouteMetadata>(Call.Get("v2/models/" + Segment(route)), cancellationToken);

    /// <summary>Asks a route for decisions (Open Inference Protocol v2). Sent once: an answer that was lost was still recorded.</summary>
    /// <param name="version">A version of the route's model; null for whatever is promoted.</param>
    public Task<InferResponse> InferAsync(string route, int? version, InferRequest request, CancellationToken cancellationToken)
    {
        var path = version is { } number ? FormattableString.Invariant($"v2/models/{Segment(route)}/versions/{number}/infer") : $"v2/models/{Segment(route)}/infer";
        return sender.ReadJsonAsync<InferResponse>(new Call(HttpMethod.Post, path) { Content = Bodies.Json(request) }, cancellationToken);
    }
}

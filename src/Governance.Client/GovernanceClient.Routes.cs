using Governance.Client.Contracts;
using Governance.Client.Transport;
using Governance.Core.Serving;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    public Task<Page<RouteDetails>> ListRoutesAsync(PageRequest page, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<Page<RouteDetails>>(Call.Get(Query.Page("api/v1/routes", page)), cancellationToken);

    /// <param name="asOf">The route as it stood then; null for now.</param>
    public Task<RouteDetails> GetRouteAsync(string name, DateTimeOffset? asOf, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<RouteDetails>(Call.Get(Query.With(Route(name), ("asOf", Query.Instant(asOf)))), cancellationToken);

    /// <param name="settings">All of them, without canary and stop.</param>
    public Task<RouteDetails> ConfigureRouteAsync(string name, RouteSettings settings, string? idempotencyKey, CancellationToken cancellationToken) =>
        Change(name, "settings", settings, idempotencyKey, cancellationToken);

    /// <exception cref="GovernanceException">Code <c>gate-denied</c> or <c>gate-waiting</c>, with the decision in <see cref="Problem.Gate"/>.</exception>
    public Task<RouteDetails> StartCanaryAsync(string name, CanaryRequest canary, string? idempotencyKey, CancellationToken cancellationToken) =>
        Change(name, "canary", canary, idempotencyKey, cancellationToken);

    public Task<RouteDetails> StopCanaryAsync(string name, string reason, string? idempotencyKey, CancellationToken cancellationToken) =>
        Change(name, "canary/end", new RouteReasonRequest(reason), idempotencyKey, cancellationToken);

    /// <summary>The kill switch: nothing answers from now on.</summary>
    public Task<RouteDetails> StopRouteAsync(string name, string reason, string? idempotencyKey, CancellationToken cancellationToken) =>
        Change(name, "stop", new RouteReasonRequest(reason), idempotencyKey, cancellationToken);

    public Task<RouteDetails> StartRouteAsync(string name, string reason, string? idempotencyKey, CancellationToken cancellationToken) =>
        Change(name, "start", new RouteReasonRequest(reason), idempotencyKey, cancellationToken);

    private Task<RouteDetails> Change<T>(string name, string what, T body, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<RouteDetails>(Call.Command($"{Route(name)}/{what}", idempotencyKey, Bodies.Json(body)), cancellationToken);

    private static string Route(string name) => "api/v1/routes/" + Segment(name);
}
